"""What is kept, and what never is: content that nobody wants kept, keys, and prompts in the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.asking import Line, ask, chat, get, streamed
from tests.flow.conftest import SECRET, config
from tests.flow.gateway import ADMIN, Gateway
from tests.flow.stage import STREAM, STREAM_HEAD, WHOLE, Stage, event, piece
from tests.scripted import answer, chunk, json_answer

PROMPT = "the-secret-of-the-prompt"
CONTENT = [{"role": "user", "content": PROMPT}]


@pytest.fixture(scope="module")
def silent_gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that keeps no content."""
    more = "[store]\ncontent = false"
    with Gateway(tmp_path_factory.mktemp("silent"), config(stage, more=more)) as made:
        yield made


@pytest.mark.parametrize("stream", [False, True])
async def test_content_is_kept_by_default(gateway: Gateway, stage: Stage, stream: bool) -> None:
    async with stage.says(STREAM if stream else WHOLE):
        given = await ask(gateway, chat(stream=stream))
    row = gateway.row(given.id)
    assert b"Hello?" in row["messages"]
    assert b"Good day." in row["answer"]


@pytest.mark.parametrize("stream", [False, True])
async def test_log_prompt_false_keeps_no_content(gateway: Gateway, stage: Stage, stream: bool) -> None:
    async with stage.says(STREAM if stream else WHOLE) as upstream:
        given = await ask(gateway, chat(stream=stream, log_prompt=False))
    row = gateway.row(given.id)
    assert (row["messages"], row["answer"]) == (None, None)
    assert (row["outcome"], row["prompt_tokens"]) == ("answered", 7)
    assert "log_prompt" not in upstream.requests[0].json


@pytest.mark.parametrize("stream", [False, True])
async def test_a_store_without_content_keeps_none(silent_gateway: Gateway, stage: Stage, stream: bool) -> None:
    async with stage.says(STREAM if stream else WHOLE):
        given = await ask(silent_gateway, chat(stream=stream, log_prompt=True))
    row = silent_gateway.row(given.id)
    assert (row["messages"], row["answer"], row["prompt_tokens"]) == (None, None, 7)
    shown = (await get(silent_gateway, f"/api/requests/{given.id}")).json
    assert (shown["messages"], shown["answer"]) == (None, None)


async def test_no_key_and_no_prompt_is_in_the_log_or_where_nobody_keeps_content(
    silent_gateway: Gateway, stage: Stage
) -> None:
    made = (await ask(silent_gateway, {"name": "app", "scopes": ["inference"]}, "/api/keys")).json["key"]
    half = STREAM_HEAD + event(piece({"content": PROMPT})) + chunk(b"")
    playing = [WHOLE, STREAM, half, answer(b"<p>oops</p>", 500), json_answer({"error": {"message": "No."}}, 401)]
    for played in playing:
        async with stage.says(played):
            for stream in (False, True):
                await ask(silent_gateway, {**chat(stream=stream), "messages": CONTENT}, key=made)
    wrong = b'{"model": "m", "messages": [{"role": "user", "content": "%b"}], "n": "x"}' % PROMPT.encode()
    for body in (wrong, wrong[:-5], b'"' + PROMPT.encode() + b'"'):
        await ask(silent_gateway, body, key=made)
    await ask(silent_gateway, chat(), key="pk_wrong_" + PROMPT)
    async with Line(silent_gateway) as line:
        await line.send(f"{PROMPT} {made}\r\n\r\n".encode())
        await line.answer()
    assert len(silent_gateway.rows()) >= 13
    kept = b"".join(file.read_bytes() for file in files(silent_gateway.data))
    log = silent_gateway.stderr + silent_gateway.stdout
    for secret in (ADMIN, SECRET, made, PROMPT):
        assert secret not in log
        assert secret.encode() not in kept, secret


async def test_keys_are_never_kept_even_where_content_is(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        await ask(gateway, chat())
    kept = b"".join(file.read_bytes() for file in files(gateway.data))
    assert b"Hello?" in kept
    assert ADMIN.encode() not in kept and SECRET.encode() not in kept


async def test_the_providers_key_is_never_told_to_a_client(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(json_answer({"error": {"message": "No."}}, 401)):
        given = await ask(gateway, streamed())
    assert SECRET not in given.body.decode()


async def test_the_clients_key_is_never_told_to_an_upstream(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        await ask(gateway, chat(), headers={"x-api-key": ADMIN, "x-portkey-api-key": ADMIN, "cookie": "a=b"})
    assert ADMIN.encode() not in upstream.requests[0].head
    assert "cookie" not in upstream.requests[0].headers


def test_what_is_kept_is_only_for_its_owner(gateway: Gateway) -> None:
    assert gateway.data.stat().st_mode & 0o077 == 0


def files(folder: Path) -> list[Path]:
    """The files in a data directory."""
    return [file for file in folder.rglob("*") if file.is_file()]

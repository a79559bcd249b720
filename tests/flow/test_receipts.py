"""Receipts over a socket: the bytes that came and went, hashed as they were, and a signature over both."""

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from parley.receipts.signatures import check
from parley.receipts.text import Signed
from tests.flow.asking import Answer, ask, chat, get, request, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, USAGE, WHOLE, Stage, both, event, piece, pieces
from tests.scripted import Visit, chunk, json_answer, sse_answer

TEXT = {"id": "cmpl-t", "object": "text_completion", "created": 1, "model": "x"}


def text_over(asked: bytes, answered: bytes) -> str:
    """The text that proves these bytes."""
    return f"{hashlib.sha256(asked).hexdigest()}:{hashlib.sha256(answered).hexdigest()}"


def body_of(gateway: Gateway, asked: Any, path: str = "/v1/chat/completions") -> bytes:
    """The bytes of the body that `ask` sends."""
    return request(gateway, asked, path).partition(b"\r\n\r\n")[2]


async def signature(gateway: Gateway, id: str, **query: str) -> Any:
    """What is answered of an answer's signature."""
    named = "&".join(f"{name}={value}" for name, value in query.items())
    return (await get(gateway, f"/v1/signature/{id}?{named}")).json


@pytest.mark.parametrize("algorithm", ["ecdsa", "ed25519"])
@pytest.mark.parametrize("asked", [chat(), streamed(), streamed(stream_options={"include_usage": True})])
async def test_the_signature_is_over_the_bytes_on_the_wire(
    gateway: Gateway, stage: Stage, asked: Any, algorithm: str
) -> None:
    async with stage.plays(both):
        answer = await ask(gateway, asked)
    for id in (answer.id, "chatcmpl-up"):
        signed = await signature(gateway, id, model="m", signing_algo=algorithm)
        assert set(signed) == {"text", "signature", "signing_address", "signing_algo"}
        assert signed["text"] == text_over(body_of(gateway, asked), answer.body)
        check(Signed(**signed))


async def test_the_bytes_are_hashed_as_they_came_and_not_as_they_could_be_written(
    gateway: Gateway, stage: Stage
) -> None:
    odd = b'  {"messages" :[{"role":"user","content":"\\u0041"}],\n"model":"m","unknown":1.50} '
    async with stage.says(WHOLE):
        answer = await ask(gateway, odd)
    assert (await signature(gateway, answer.id))["text"] == text_over(odd, answer.body)


async def test_text_completions_and_embeddings_too(gateway: Gateway, stage: Stage) -> None:
    choice = {"index": 0, "text": "once", "finish_reason": "stop", "logprobs": None}
    vectors = {"object": "list", "data": [{"index": 0, "embedding": [1.0]}], "model": "x", "usage": USAGE}
    whole = json_answer({**TEXT, "choices": [choice], "usage": USAGE})
    for path, asked, played in (
        ("/v1/completions", {"model": "m", "prompt": "Tell"}, whole),
        (
            "/v1/completions",
            {"model": "m", "prompt": "Tell", "stream": True},
            sse_answer({**TEXT, "choices": [choice]}),
        ),
        ("/v1/embeddings", {"model": "m", "input": "a"}, json_answer(vectors)),
        ("/v4/chat-completions", {"model": "m", "messages": chat()["messages"], "stream": True}, sse_answer(*pieces())),
    ):
        async with stage.says(played):
            answer = await ask(gateway, asked, path)
        assert answer.status == 200
        assert (await signature(gateway, answer.id))["text"] == text_over(body_of(gateway, asked, path), answer.body)


async def test_pings_are_part_of_what_was_sent(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path, config(stage, server="ping = 0.1")) as gateway:
        async with stage.plays(slow):
            answer = await ask(gateway, streamed())
        assert b": ping" in answer.body and answer.done
        signed = await signature(gateway, answer.id)
    assert signed["text"] == text_over(body_of(gateway, streamed()), answer.body)


async def slow(visit: Visit) -> None:
    """A stream with a long silence in it."""
    await visit.request()
    first, *rest = pieces()
    await visit.send(STREAM_HEAD)
    await visit.send(event(first), *map(event, rest), event("[DONE]"), chunk(b""), gap=0.12)


async def test_the_receipt_is_there_when_the_last_byte_is(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        answer = await ask(gateway, streamed())
    assert gateway.rows("id = ?", answer.id) and receipts_of(gateway, answer.id) == 1


async def test_what_was_not_answered_has_no_receipt(gateway: Gateway, stage: Stage) -> None:
    refused = await ask(gateway, chat(temperature=7))
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        cut = await ask(gateway, streamed())
    for answer in (refused, cut):
        await gateway.closed_row(answer.id)
        told = await signature(gateway, answer.id)
        assert told["error"]["message"] == "Chat id not found or expired"
        assert (told["error"]["type"], told["error"]["param"], told["error"]["code"]) == ("not_found", None, None)


async def test_nobody_sees_the_receipts_of_another_account(gateway: Gateway, stage: Stage) -> None:
    keys = {}
    for account in ("acme", "umbrella"):
        made = await ask(gateway, {"name": account, "scopes": ["inference"], "account": account}, "/api/keys")
        keys[account] = made.json["key"]
    async with stage.says(WHOLE):
        answer = await ask(gateway, chat(), key=keys["acme"])
    path = f"/v1/signature/{answer.id}"
    assert (await get(gateway, path, key=keys["acme"])).status == 200
    assert (await get(gateway, path, key=keys["umbrella"])).status == 404
    assert (await get(gateway, path)).status == 200  # the admin
    assert (await get(gateway, path, key="")).status == 401


async def test_wrong_questions_are_refused_in_the_words_of_the_service(gateway: Gateway) -> None:
    unknown = await get(gateway, "/v1/signature/nothing")
    wrong = await get(gateway, "/v1/signature/nothing?signing_algo=rsa")
    assert unknown.status == 404 and error(unknown) == ("Chat id not found or expired", "not_found")
    says = "Invalid signing algorithm. Must be 'ed25519' or 'ecdsa'"
    assert wrong.status == 400 and error(wrong) == (says, "invalid_signing_algo")


async def test_a_machine_that_attests_nothing_says_so(gateway: Gateway) -> None:
    if Path("/sys/kernel/config/tsm/report").is_dir():
        pytest.skip("this machine can attest")
    none = await get(gateway, "/v1/attestation/report?model=m&nonce=" + "ab" * 32)
    assert none.status == 501 and "no trusted execution environment" in none.json["error"]["message"]
    for nonce, words in (("zz", "Nonce must be hex-encoded"), ("abcd", "Nonce must be 32 bytes")):
        wrong = await get(gateway, f"/v1/attestation/report?nonce={nonce}")
        assert (wrong.status, wrong.json["error"]["message"]) == (400, words)
    other = await get(gateway, "/v1/attestation/report?signing_address=0x" + "00" * 20)
    assert other.status == 404


async def test_keys_are_kept_and_hidden(gateway: Gateway) -> None:
    await get(gateway, "/v1/attestation/report")
    folder = gateway.data / "receipts"
    assert sorted(file.name for file in folder.iterdir()) == ["ecdsa.key", "ed25519.key"]
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_signatures_outlive_a_restart_by_the_same_key(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path, config(stage)) as gateway:
        async with stage.says(WHOLE):
            answer = await ask(gateway, chat())
        before = await signature(gateway, answer.id)
    with Gateway(tmp_path, config(stage)) as gateway:
        assert await signature(gateway, answer.id) == before


async def test_receipts_can_be_turned_off(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path, config(stage, more="[receipts]\nenabled = false\n")) as gateway:
        async with stage.says(WHOLE):
            answer = await ask(gateway, chat())
        none = await get(gateway, f"/v1/signature/{answer.id}")
        assert none.status == 404 and "enabled" in none.json["error"]["message"]
        assert receipts_of(gateway, answer.id) == 0
    assert not (tmp_path / "data" / "receipts").exists()


def error(answer: Answer) -> tuple[str, str]:
    """Message and type of an error."""
    said = answer.json["error"]
    return said["message"], said["type"]


def receipts_of(gateway: Gateway, id: str) -> int:
    """How many receipts of a request are committed now."""
    ledger = sqlite3.connect(f"file:{gateway.data / 'parley.db'}?mode=ro", uri=True)
    try:
        return int(ledger.execute("select count(*) from receipts where request_id = ?", (id,)).fetchone()[0])
    finally:
        ledger.close()

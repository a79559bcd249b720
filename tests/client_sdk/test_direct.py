"""`server_side_inference=False`: the provider is asked from here, and Parley has the record afterwards."""

import asyncio
import json
from pathlib import Path
from typing import Any

import openai
import pytest

from parley_client import AsyncParley, Completion, Evaluation, Parley
from tests.flow.gateway import Gateway, answer_of
from tests.flow.stage import STREAM, USAGE, WHOLE, Stage, both, piece, said
from tests.scripted import json_answer, sse_answer

HELLO: Any = [{"role": "user", "content": "Hello?"}]
NOBODY = "http://127.0.0.1:1/v1"
SETTLES = 10.0


async def delivered(client: AsyncParley | Parley) -> None:
    """Waits until Parley has every record."""
    async with asyncio.timeout(SETTLES):
        while await asyncio.to_thread(lambda: client.undelivered):
            await asyncio.sleep(0.02)


async def test_the_provider_is_asked_with_the_callers_key_and_the_portals_parameters(
    client: AsyncParley, gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(WHOLE) as upstream:
        answer = await client.chat.completions.create(
            messages=HELLO,
            application="support",
            intent="REFUND",
            session_id="s-9",
            user_id="u-9",
            metadata={"a": 1},
            top_p=0.5,
            min_p=0.1,
            server_side_inference=False,
        )
    (asked,) = upstream.requests
    assert asked.headers["authorization"] == "Bearer sk-own"
    assert asked.json == {"model": "m", "messages": HELLO, "temperature": 0.2, "top_p": 0.5, "min_p": 0.1}
    assert type(answer) is Completion
    assert answer.text == "Good day."
    assert answer.request_id is not None
    row = await gateway.closed_row(answer.request_id)
    names = ("outcome", "operation", "provider", "model", "application", "intent", "session_id", "user_id")
    assert [row[name] for name in names] == [
        "answered",
        "chat",
        "127.0.0.1",
        "m",
        "support",
        "REFUND",
        "s-9",
        "u-9",
    ]
    assert json.loads(row["messages"]) == HELLO
    assert answer_of(row)["content"] == "Good day."
    assert row["prompt_tokens"] == USAGE["prompt_tokens"]
    assert row["latency_ms"] > 0
    await delivered(client)


async def test_a_stream_is_handed_in_whole_with_its_usage_and_shows_none_that_was_not_asked_for(
    client: AsyncParley, gateway: Gateway, stage: Stage
) -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    chunks = [
        piece({"role": "assistant", "content": "One "}),
        piece({"content": "moment."}),
        piece({"tool_calls": [call]}),
        piece({"tool_calls": [{"index": 0, "function": {"arguments": '{"a":'}}]}),
        piece({"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}),
        piece({}, "tool_calls"),
        piece(usage=USAGE),
    ]
    async with stage.says(sse_answer(*chunks)) as upstream:
        stream = await client.chat.completions.create(
            model="m", messages=HELLO, stream=True, server_side_inference=False
        )
        seen = [chunk async for chunk in stream]
    assert upstream.requests[0].json["stream_options"] == {"include_usage": True}
    assert all(chunk.choices for chunk in seen)
    assert {chunk.request_id for chunk in seen} == {stream.request_id}
    assert stream.request_id is not None
    row = await gateway.closed_row(stream.request_id)
    assert row["completion_tokens"] == USAGE["completion_tokens"]
    assert row["first_token_ms"] is not None
    answer = answer_of(row)
    assert answer["content"] == "One moment."
    assert answer["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a":1}'}


async def test_a_stream_that_is_left_is_in_the_books_as_left(
    client: AsyncParley, gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(STREAM):
        stream = await client.chat.completions.create(
            model="m", messages=HELLO, stream=True, server_side_inference=False
        )
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
    assert stream.request_id is not None
    assert (await gateway.closed_row(stream.request_id))["outcome"] == "left"


async def test_the_synchronous_client_does_the_same(plain: Parley, gateway: Gateway, stage: Stage) -> None:
    def talk() -> list[str | None]:
        whole = plain.chat.completions.create(messages=HELLO, application="support", server_side_inference=False)
        with plain.chat.completions.create(
            messages=HELLO, application="support", stream=True, server_side_inference=False
        ) as stream:
            assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Good day."
        return [whole.request_id, stream.request_id]

    async with stage.plays(both):
        ids = await asyncio.to_thread(talk)
    for id in ids:
        assert id is not None
        assert (await gateway.closed_row(id))["outcome"] == "answered"


async def test_while_parley_is_away_the_call_succeeds_and_the_record_comes_later(
    gateway: Gateway, stage: Stage, tmp_path: Path
) -> None:
    home = Gateway(tmp_path / "home", (gateway.home / "parley.toml").read_text())
    with home:
        port = home.port
    options: dict[str, Any] = {
        "base_url": f"http://127.0.0.1:{port}/v1",
        "api_key": home.key,
        "provider_base_url": stage.url,
        "provider_api_key": "sk-own",
        "outbox": tmp_path / "outbox",
        "max_retries": 0,
    }
    async with stage.says(WHOLE):
        async with AsyncParley(**options) as away:
            first = await away.chat.completions.create(model="m", messages=HELLO, server_side_inference=False)
        assert first.text == "Good day."
        assert away.undelivered == [first.request_id]
        home.port = port
        with home:
            async with AsyncParley(**options) as back:
                second = await back.chat.completions.create(model="m", messages=HELLO, server_side_inference=False)
                await delivered(back)
            for answer in (first, second):
                assert answer.request_id is not None
                assert home.row(answer.request_id)["outcome"] == "answered"


async def test_what_was_kept_survives_a_client_that_ends_without_closing(
    gateway: Gateway, stage: Stage, tmp_path: Path
) -> None:
    async with stage.says(WHOLE):
        lost = AsyncParley(
            base_url=NOBODY,
            api_key="k",
            provider_base_url=stage.url,
            provider_api_key="sk-own",
            outbox=tmp_path,
            max_retries=0,
        )
        answer = await lost.chat.completions.create(model="m", messages=HELLO, server_side_inference=False)
        async with asyncio.timeout(SETTLES):
            while lost.undelivered != [answer.request_id]:
                await asyncio.sleep(0.02)
    (kept,) = tmp_path.glob("*/*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_bytes())["request"]["messages"] == HELLO
    assert b"sk-own" not in kept.read_bytes()
    await lost.close()


async def test_the_answer_is_evaluated_like_any_other_and_the_callback_told(client: AsyncParley, stage: Stage) -> None:
    heard: asyncio.Queue[Evaluation] = asyncio.Queue()
    async with stage.says(json_answer(said("We guarantee it."))):
        answer = await client.chat.completions.create(
            messages=HELLO, application="support", intent="REFUND", server_side_inference=False, callback=heard.put
        )
        async with asyncio.timeout(SETTLES):
            evaluation = await heard.get()
    assert evaluation.request_id == answer.request_id
    assert [fault.name for fault in evaluation.faults] == ["no promises"]


async def test_without_a_model_anywhere_the_caller_is_told(client: AsyncParley) -> None:
    with pytest.raises(ValueError, match="`model` is missing"):
        await client.chat.completions.create(messages=HELLO, server_side_inference=False)


async def test_the_providers_error_is_the_callers(client: AsyncParley, stage: Stage) -> None:
    async with stage.says(json_answer({"error": {"message": "No."}}, 429)):
        with pytest.raises(openai.RateLimitError):
            await client.chat.completions.create(model="m", messages=HELLO, server_side_inference=False)
    assert client.undelivered == []

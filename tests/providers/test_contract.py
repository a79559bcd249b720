"""The contract that every provider keeps, through the whole gateway: whoever answers, the client sees the same."""

import asyncio
import json
from typing import Any

import pytest

from tests.flow.asking import Line, ask, chat
from tests.flow.conftest import SECRET
from tests.flow.gateway import Gateway, answer_of
from tests.flow.stage import Stage
from tests.providers.voices import ARGUMENTS, VOICES, Voice
from tests.scripted import answer, silent

pytestmark = pytest.mark.parametrize("voice", VOICES, ids=[voice.name for voice in VOICES])

TEXT = "Grüße, 世界 👋🏽"
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]


def asked(voice: Voice, **more: Any) -> dict[str, Any]:
    """A chat with this provider."""
    return chat(voice.model, **{"max_tokens": 50, **more})


async def test_it_is_asked_at_its_address_with_its_key_and_its_models_name(
    gateway: Gateway, stage: Stage, voice: Voice
) -> None:
    async with stage.says(voice.whole(TEXT, "stop")) as upstream:
        await ask(gateway, asked(voice))
    seen = upstream.requests[0]
    header, prefix = voice.key
    assert (seen.method, seen.target) == ("POST", voice.path)
    assert seen.headers[header] == prefix + SECRET
    assert seen.json["model"] in ("upstream-model", "claude-model")


async def test_a_text(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    async with stage.says(voice.whole(TEXT, "end_turn" if voice.name == "anthropic" else "stop")):
        given = await ask(gateway, asked(voice))
    choice = given.json["choices"][0]
    assert (choice["message"]["role"], choice["message"]["content"]) == ("assistant", TEXT)
    assert (choice["finish_reason"], given.json["object"]) == ("stop", "chat.completion")
    assert {given.json["usage"][name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")} == {7, 3, 10}
    row = gateway.row(given.id)
    assert (row["prompt_tokens"], row["completion_tokens"], row["finish_reason"]) == (7, 3, "stop")
    assert row["completion_id"] == given.json["id"]


async def test_a_stream(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    async with stage.says(voice.stream(TEXT)):
        given = await ask(gateway, asked(voice, stream=True, stream_options={"include_usage": True}))
    assert given.done and given.text == TEXT
    assert given.chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert given.chunks[-1]["choices"] == []
    assert given.chunks[-1]["usage"]["total_tokens"] == 10
    assert len({chunk["id"] for chunk in given.chunks}) == 1
    row = gateway.row(given.id)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (7, 3)
    assert answer_of(row)["content"] == TEXT


async def test_an_answer_that_was_too_long(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    async with stage.says(voice.whole(TEXT, voice.length)):
        given = await ask(gateway, asked(voice))
    assert given.json["choices"][0]["finish_reason"] == "length"


async def test_a_tool_call(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    async with stage.says(voice.tool):
        given = await ask(gateway, asked(voice, tools=TOOLS))
    choice = given.json["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert (choice["finish_reason"], call["type"], call["function"]["name"]) == ("tool_calls", "function", "weather")
    assert json.loads(call["function"]["arguments"]) == json.loads(ARGUMENTS)


async def test_a_streamed_tool_call(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    async with stage.says(voice.tool_stream):
        given = await ask(gateway, asked(voice, tools=TOOLS, stream=True))
    calls = [call for chunk in given.chunks for call in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert given.done
    assert calls[0]["id"] and calls[0]["function"]["name"] == "weather"
    assert json.loads("".join(call["function"].get("arguments") or "" for call in calls)) == json.loads(ARGUMENTS)
    assert answer_of(gateway.row(given.id))["tool_calls"][0]["function"]["name"] == "weather"


async def test_system_tool_results_and_stops_reach_it(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}
    messages = [
        {"role": "system", "content": "Be brief, says the system."},
        {"role": "user", "content": "How is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "It rains, says the tool."},
    ]
    async with stage.says(voice.whole(TEXT, "stop")) as upstream:
        given = await ask(gateway, asked(voice, messages=messages, tools=TOOLS, stop=["END"], temperature=0.5))
    assert given.status == 200
    seen = upstream.requests[0].json
    told = json.dumps(seen)
    for text in ("Be brief, says the system.", "It rains, says the tool.", "call_1", "weather", "END"):
        assert text in told
    assert seen["temperature"] == 0.5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 503, 529])
@pytest.mark.parametrize("stream", [False, True])
async def test_its_errors_keep_status_words_and_retry_after(
    gateway: Gateway, stage: Stage, voice: Voice, status: int, stream: bool
) -> None:
    async with stage.says(voice.failure(status, "So it is.")):
        given = await ask(gateway, asked(voice, stream=stream))
    assert given.status == status
    assert given.json["error"]["message"] == "So it is."
    assert given.headers["retry-after"] == "9"
    assert (await gateway.closed_row(given.id))["outcome"] == ("failed" if status >= 500 else "refused")


async def test_a_cut_stream_is_an_error(gateway: Gateway, stage: Stage, voice: Voice) -> None:
    async with stage.says(voice.half("Half")):
        given = await ask(gateway, asked(voice, stream=True))
    assert given.ended and not given.done and given.text == "Half"
    assert given.chunks[-1]["error"]["message"]
    row = await gateway.closed_row(given.id)
    assert (row["outcome"], answer_of(row)["content"]) == ("failed", "Half")


@pytest.mark.parametrize("body", [b"", b"{}", b"<p>Hello</p>", b"[]", b'{"content": 7, "choices": 7}'])
async def test_nonsense_is_a_502(gateway: Gateway, stage: Stage, voice: Voice, body: bytes) -> None:
    async with stage.says(answer(body, content_type="application/json")):
        given = await ask(gateway, asked(voice))
    assert given.status == 502


@pytest.mark.parametrize("stream", [False, True])
async def test_it_is_let_go_when_the_client_leaves(gateway: Gateway, stage: Stage, voice: Voice, stream: bool) -> None:
    async with stage.plays(silent) as upstream:
        async with Line(gateway) as line:
            await line.post(asked(voice, stream=stream))
            while not upstream.requests:
                await asyncio.sleep(0.01)
        await upstream.all_closed()

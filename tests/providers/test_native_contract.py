"""What every provider with a language of its own must do, over a socket."""

import asyncio
import json
from typing import Any

import pytest

from parley.core.errors import UpstreamCut, UpstreamRefused, UpstreamTimedOut
from parley.core.reply import Reply, Usage
from parley.providers.caller import Upstream
from parley.wire.http import HttpClient
from tests.providers.calls import USER, chat, streamed, target
from tests.providers.doors import DOORS, TEXT, Door, is_token
from tests.scripted import Script, Visit, json_answer
from tests.scripted import Upstream as Stage

TOKEN = json_answer({"access_token": "tok1", "expires_in": 3600, "token_type": "Bearer"})
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in ("f", "g")]

doors = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)


def saying(*answers: bytes) -> Script:
    """Each question gets the next answer, the last one again and again; who asks for a token gets one."""
    left = list(answers)

    async def script(visit: Visit) -> None:
        while True:
            seen = await visit.request()
            if is_token(seen):
                await visit.send(TOKEN)
            else:
                await visit.send(left.pop(0) if len(left) > 1 else left[0])

    return script


async def told(door: Door, **fields: Any) -> Any:
    """The body that the upstream is sent."""
    async with Stage(saying(json_answer(door.whole))) as stage, HttpClient() as client:
        await Upstream(door.make(stage.url), client).ask(chat(**fields), target(door.model))
        (seen,) = [seen for seen in stage.requests if not is_token(seen)]
        assert seen.target == door.paths[0]
        return seen.json


def check(reply: Reply) -> None:
    (choice,) = reply.choices
    assert (choice.text, choice.finish) == (TEXT, "tool_calls")
    assert [(call.id, call.name, json.loads(call.arguments)) for call in choice.tools] == [
        ("t1", "f", {"a": 1}),
        ("t2", "g", {}),
    ]
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens) == (10, 7, 5)


@doors
async def test_a_whole_answer_with_tools_in_parallel_and_its_usage_is_read(door: Door) -> None:
    async with Stage(saying(json_answer(door.whole))) as stage, HttpClient() as client:
        reply = await Upstream(door.make(stage.url), client).ask(chat(tools=TOOLS), target(door.model))
        check(reply)
        assert reply.id
        assert reply.model


@doors
async def test_a_stream_with_tools_in_parallel_and_its_usage_is_read(door: Door) -> None:
    async with Stage(saying(door.stream())) as stage, HttpClient() as client:
        upstream = Upstream(door.make(stage.url), client)
        for _ in range(2):
            check(await streamed(upstream, chat(stream=True, tools=TOOLS), target(door.model)))
        assert stage.requests[-1].target == door.paths[1]


@doors
async def test_the_first_event_is_there_before_the_second_is_sent(door: Door) -> None:
    let_go = asyncio.Event()

    async def script(visit: Visit) -> None:
        while is_token(await visit.request()):
            await visit.send(TOKEN)
        await visit.send(door.stream(2))
        await let_go.wait()

    async with Stage(script) as stage, HttpClient() as client:
        async with asyncio.timeout(2):
            events = await Upstream(door.make(stage.url), client).open(chat(stream=True), target(door.model))
            assert await anext(events)
        let_go.set()
        await events.aclose()


@doors
async def test_a_conversation_with_tool_results_images_and_a_system_prompt_is_told(door: Door) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}
    body = await told(
        door,
        tools=TOOLS,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "look"}, image]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": '{"x":2}'},
        ],
    )
    assert door.system(body) == "Be brief."
    assert door.said(body) == [
        "look",
        ("image", "image/png", "QQ=="),
        ("call", "f", {"a": 1}),
        ("result", "f", {"x": 2}),
    ]


@doors
async def test_stops_and_json_are_asked_for(door: Door) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}
    body = await told(door, stop=["a", "b"], response_format=form)
    assert (door.stops(body), door.schema(body)) == (["a", "b"], SCHEMA)


@doors
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("stream", [False, True])
async def test_errors_keep_their_status_and_words(door: Door, status: int, stream: bool) -> None:
    async with Stage(saying(door.error(status))) as stage, HttpClient() as client:
        upstream = Upstream(door.make(stage.url), client)
        with pytest.raises(UpstreamRefused, match="Upstream words") as caught:
            if stream:
                await upstream.open(chat(stream=True), target(door.model))
            else:
                await upstream.ask(chat(), target(door.model))
        assert (caught.value.status, caught.value.retry_after) == (status, "7")


@doors
async def test_a_stream_that_is_cut_is_an_error_after_what_came(door: Door) -> None:
    async def script(visit: Visit) -> None:
        while is_token(await visit.request()):
            await visit.send(TOKEN)
        await visit.send(door.stream(3))
        await visit.close()

    async with Stage(script) as stage, HttpClient() as client:
        events = await Upstream(door.make(stage.url), client).open(chat(stream=True), target(door.model))
        said = ""
        with pytest.raises(UpstreamCut):
            async for batch in events:
                said += "".join([delta.text or "" for event in batch for delta in event.deltas])
        assert TEXT.startswith(said)
        assert said


@doors
async def test_whoever_leaves_closes_the_upstream_at_once(door: Door) -> None:
    async def script(visit: Visit) -> None:
        while is_token(await visit.request()):
            await visit.send(TOKEN)
        await visit.send(door.stream(2))
        await visit.closed()

    async with Stage(script) as stage, HttpClient() as client:
        events = await Upstream(door.make(stage.url), client).open(chat(stream=True), target(door.model))
        await anext(events)
        await events.aclose()
        await stage.visits[-1].closed()


@doors
async def test_a_silent_upstream_is_left_at_the_callers_deadline(door: Door) -> None:
    async def script(visit: Visit) -> None:
        while is_token(await visit.request()):
            await visit.send(TOKEN)
        await visit.closed()

    async with Stage(script) as stage, HttpClient() as client:
        with pytest.raises(UpstreamTimedOut):
            await Upstream(door.make(stage.url), client).ask(chat(within=0.2), target(door.model))


@doors
async def test_unknown_fields_of_an_answer_do_no_harm(door: Door) -> None:
    whole = {**door.whole, "brandNew": {"deep": [1]}}
    async with Stage(saying(json_answer(whole))) as stage, HttpClient() as client:
        check(await Upstream(door.make(stage.url), client).ask(chat(), target(door.model)))


@doors
async def test_an_upstream_that_answers_whole_where_a_stream_was_asked_for_is_understood(door: Door) -> None:
    async with Stage(saying(json_answer(door.whole))) as stage, HttpClient() as client:
        reply = await streamed(Upstream(door.make(stage.url), client), chat(stream=True), target(door.model))
        assert reply.choices[0].text == TEXT
        assert reply.usage == Usage(prompt_tokens=10, completion_tokens=7, cached_tokens=5, **_reasoning(door))


@doors
async def test_what_it_can_not_express_is_refused_before_anything_is_sent(door: Door) -> None:
    async with Stage(saying(b"")) as stage, HttpClient() as client:
        with pytest.raises(Exception, match="min_p"):
            await Upstream(door.make(stage.url), client).ask(chat(min_p=0.5, messages=[USER]), target(door.model))
        assert not stage.visits


def _reasoning(door: Door) -> dict[str, int]:
    return {} if door.name == "bedrock" else {"reasoning_tokens": 3}

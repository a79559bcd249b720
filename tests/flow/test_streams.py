"""What a client sees of a stream, in whatever pieces its upstream sends it."""

import asyncio
import json
from typing import Any

import pytest

from tests.flow.asking import Answer, Line, ask, streamed
from tests.flow.gateway import Gateway, answer_of
from tests.flow.stage import STREAM_HEAD, USAGE, WHOLE, Stage, event, piece, pieces, said
from tests.scripted import Visit, chunk, head, json_answer, sse_answer

TEXT = "Grüße, 世界 — 👋🏽!"
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


async def heard(gateway: Gateway, stage: Stage, played: bytes, **more: Any) -> Answer:
    """What a client hears of the stream `played`, once it is over and whole."""
    async with stage.says(played):
        answer = await ask(gateway, streamed(**more))
    assert answer.status == 200 and answer.ended and answer.done, answer
    row = gateway.row(answer.id)
    assert (row["outcome"], row["stream"], row["prompt_tokens"]) == ("answered", 1, 7)
    return answer


def framed(end: str, *values: Any) -> bytes:
    """A stream's body with other line ends."""
    texts = [*(json.dumps(value, ensure_ascii=False) for value in values), "[DONE]"]
    return "".join(f"data: {text}{end}{end}" for text in texts).encode()


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
async def test_a_stream_means_the_same_however_it_is_cut(gateway: Gateway, stage: Stage, end: str, size: int) -> None:
    body = framed(end, *pieces(TEXT))
    fragments = [body[at : at + size] for at in range(0, len(body), size)]

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, *map(chunk, fragments), chunk(b""))
        await visit.closed()

    async with stage.plays(script):
        answer = await ask(gateway, streamed())
    assert answer.done
    assert answer.text == TEXT
    assert answer_of(gateway.row(answer.id))["content"] == TEXT


async def test_comments_and_foreign_fields_are_passed_over(gateway: Gateway, stage: Stage) -> None:
    frames = [f"data: {json.dumps(value)}\n\n" for value in pieces()]
    body = ": OPENROUTER PROCESSING\n\nretry: 10\n\nid: 7\nevent: message\n" + ": ping\n\n".join(frames)
    played = STREAM_HEAD + chunk(body.encode()) + event("[DONE]") + chunk(b"")
    assert (await heard(gateway, stage, played)).text == "Good day."


async def test_the_first_chunk_bears_the_role_even_if_the_upstream_never_says_it(
    gateway: Gateway, stage: Stage
) -> None:
    played = sse_answer(piece({"content": "Hi"}), piece({}, "stop"), piece(usage=USAGE))
    answer = await heard(gateway, stage, played)
    assert answer.chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert answer.text == "Hi"


async def test_usage_is_asked_of_the_upstream_and_hidden_from_a_client_that_did_not_ask(
    gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(sse_answer(*pieces())) as upstream:
        answer = await ask(gateway, streamed())
    assert upstream.requests[0].json["stream_options"] == {"include_usage": True}
    assert all(chunk["choices"] for chunk in answer.chunks)
    assert not any(chunk.get("usage") for chunk in answer.chunks)
    row = gateway.row(answer.id)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (7, 3)


async def test_usage_comes_last_with_empty_choices_to_a_client_that_asked(gateway: Gateway, stage: Stage) -> None:
    answer = await heard(gateway, stage, sse_answer(*pieces()), stream_options={"include_usage": True})
    *others, last = answer.chunks
    assert last["choices"] == [] and last["usage"] == USAGE
    assert all(chunk["usage"] is None for chunk in others if "usage" in chunk)


async def test_usage_that_comes_with_the_last_choice_is_told_apart_from_it(gateway: Gateway, stage: Stage) -> None:
    played = sse_answer(*pieces()[:-2], piece({}, "stop", usage=USAGE))
    answer = await heard(gateway, stage, played, stream_options={"include_usage": True})
    assert [chunk["usage"] for chunk in answer.chunks if chunk.get("usage")] == [USAGE]
    assert answer.chunks[-1]["choices"] == []


async def test_a_tool_call_in_one_delta_comes_through(gateway: Gateway, stage: Stage) -> None:
    call = {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"c":"Köln"}'},
    }
    played = sse_answer(
        piece({"role": "assistant", "content": None, "tool_calls": [call]}), piece({}, "tool_calls"), piece(usage=USAGE)
    )
    answer = await heard(gateway, stage, played, tools=TOOLS)
    (given,) = [t for c in answer.chunks for t in c["choices"][0]["delta"].get("tool_calls", ())]
    assert given == call
    kept = answer_of(gateway.row(answer.id))["tool_calls"][0]
    assert kept["function"] == call["function"]


async def test_a_tool_call_in_pieces_comes_through(gateway: Gateway, stage: Stage) -> None:
    def called(**function: str) -> dict[str, Any]:
        return piece({"tool_calls": [{"index": 0, "function": function}]})

    begin = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    played = sse_answer(
        piece({"role": "assistant", "content": None}),
        piece({"tool_calls": [begin]}),
        called(arguments='{"c'),
        called(arguments='":1}'),
        piece({}, "tool_calls"),
        piece(usage=USAGE),
    )
    answer = await heard(gateway, stage, played, tools=TOOLS)
    pieces_ = [t for c in answer.chunks for t in c["choices"][0]["delta"].get("tool_calls", ())]
    assert "".join(p["function"].get("arguments", "") for p in pieces_) == '{"c":1}'
    row = gateway.row(answer.id)
    assert answer_of(row)["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"c":1}'}
    assert row["finish_reason"] == "tool_calls"


async def test_unknown_fields_of_chunks_are_kept(gateway: Gateway, stage: Stage) -> None:
    first = piece({"role": "assistant", "content": "Hi", "mood": {"deep": [1, {"er": None}]}}, system_fingerprint="fp")
    answer = await heard(gateway, stage, sse_answer(first, piece({}, "stop"), piece(usage=USAGE)))
    assert answer.chunks[0] == first


async def test_an_empty_first_chunk_of_azure_breaks_no_client(gateway: Gateway, stage: Stage) -> None:
    filters = piece(prompt_filter_results=[{"prompt_index": 0}])
    answer = await heard(gateway, stage, sse_answer(filters, *pieces()))
    assert all(chunk["choices"] for chunk in answer.chunks)
    assert answer.chunks[0]["prompt_filter_results"] == [{"prompt_index": 0}]


async def test_a_stream_that_forgets_its_done_but_finishes_every_choice_is_whole(
    gateway: Gateway, stage: Stage
) -> None:
    assert (await heard(gateway, stage, sse_answer(*pieces(), done=False))).text == "Good day."


async def test_a_stream_that_ends_with_its_connection_is_whole_if_it_said_so(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(content_type="text/event-stream"), framed("\n", *pieces()))
        await visit.close()

    async with stage.plays(script):
        answer = await ask(gateway, streamed())
    assert answer.done and answer.text == "Good day."


async def test_an_upstream_that_answers_whole_where_a_stream_was_asked_is_streamed(
    gateway: Gateway, stage: Stage
) -> None:
    answer = await heard(gateway, stage, json_answer(said("All at once.")))
    assert answer.text == "All at once."
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_several_choices_each_bear_their_role(gateway: Gateway, stage: Stage) -> None:
    def of(index: int, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**piece(), "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}

    played = sse_answer(
        of(0, {"content": "a"}), of(1, {"content": "b"}), of(1, {}, "stop"), of(0, {}, "length"), piece(usage=USAGE)
    )
    answer = await heard(gateway, stage, played, n=2)
    roles = [c["index"] for chunk in answer.chunks for c in chunk["choices"] if c["delta"].get("role")]
    assert sorted(roles) == [0, 1]


async def test_the_client_has_the_first_chunk_before_the_upstream_goes_on(gateway: Gateway, stage: Stage) -> None:
    heard = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        begin, *rest = pieces()
        await visit.send(STREAM_HEAD + event(begin))
        await heard.wait()
        await visit.send(b"".join(map(event, [*rest, "[DONE]"])) + chunk(b""))
        await visit.closed()

    async with stage.plays(script), Line(gateway) as line:
        await line.post(streamed())
        answer = await line.head()
        first = await line.piece()
        heard.set()
        answer.body = first or b""
        await line.rest(answer)
    assert first is not None and b'"assistant"' in first
    assert answer.done and answer.text == "Good day."


async def test_the_head_of_a_stream_says_what_it_is_and_who_gave_it(gateway: Gateway, stage: Stage) -> None:
    answer = await heard(gateway, stage, sse_answer(*pieces()))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-parley-model"] == "m"
    assert answer.headers["x-parley-provider"] == "stage"
    assert answer.headers["x-parley-cache"] == answer.headers["x-portkey-cache-status"] == "DISABLED"


async def test_many_streams_at_once_stay_apart(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        while True:
            name = (await visit.request()).json["messages"][0]["content"]
            await visit.send(STREAM_HEAD, *map(event, pieces(*(f"{name}-{n} " for n in range(20)))), event("[DONE]"))
            await visit.send(chunk(b""))

    async def one(name: str) -> None:
        answer = await ask(gateway, {**streamed(), "messages": [{"role": "user", "content": name}]})
        assert answer.text == "".join(f"{name}-{n} " for n in range(20))
        assert answer.done

    async with stage.plays(script):
        await asyncio.gather(*(one(f"s{n}") for n in range(60)))


@pytest.mark.parametrize("asked", [True, False])
async def test_a_connection_to_the_upstream_serves_one_request_after_another(
    gateway: Gateway, stage: Stage, asked: bool
) -> None:
    async with stage.says(sse_answer(*pieces()) if asked else WHOLE) as upstream:
        for _ in range(5):
            await ask(gateway, streamed(stream=asked))
    assert len(upstream.visits) == 1

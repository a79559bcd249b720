"""Streams of chat completions, from an upstream and to a client."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from parley.core.errors import Internal, UpstreamCut, UpstreamError, UpstreamGarbled, UpstreamRefused
from parley.core.reply import Delta, Event, ToolDelta, Usage
from parley.dialects.openai_chat import StreamReader, StreamWriter, read_chat

from .cutting import cut_everywhere, folded, frames, read

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "odd": [1]}


def chunk(
    delta: dict[str, Any] | None = None, finish: str | None = None, index: int = 0, **rest: Any
) -> dict[str, Any]:
    choice = {"index": index, "delta": delta or {}, "finish_reason": finish, "logprobs": None}
    return {"id": "u1", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": [choice], **rest}


def bare(**rest: Any) -> dict[str, Any]:
    return {**chunk(), "choices": [], **rest}


def writer(usage: bool = False, **fields: Any) -> StreamWriter:
    asked = {"messages": [{"role": "user", "content": "a"}], "stream": True, **fields}
    if usage:
        asked["stream_options"] = {"include_usage": True}
    return StreamWriter(read_chat(json.dumps(asked).encode())[0], "p1", "parley", 7)


def told(data: bytes) -> list[Any]:
    lines = [line for line in data.decode().split("\n\n") if line]
    assert all(line.startswith("data: ") and "\n" not in line for line in lines)
    chunks = [json.loads(line[6:]) for line in lines if line != "data: [DONE]"]
    for one in chunks:
        ChatCompletionChunk.model_validate(one)
    return chunks


def through(upstream: bytes, out: StreamWriter) -> list[Any]:
    reader = StreamReader()
    return told(out.write(reader.feed(upstream)) + out.write(reader.flush()) + out.end())


TOOLS = [
    chunk({"role": "assistant", "tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f", "arguments": ""}}]}),
    chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}),
    chunk({"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}),
    chunk({"tool_calls": [{"id": "c2", "index": 1, "function": {"name": "g", "arguments": "{}"}}]}),
    chunk(finish="tool_calls"),
]
TEXT = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "Grüß"}),
    chunk({"content": " Gott"}),
    chunk(finish="stop"),
]


@pytest.mark.parametrize("payloads", [TEXT, TOOLS, [*TEXT, bare(usage=USAGE)]])
def test_pieces_make_no_difference(payloads: list[Any]) -> None:
    plain = frames(*payloads)
    events = cut_everywhere(StreamReader, plain)
    assert cut_everywhere(StreamReader, plain.replace(b"\n", b"\r\n")) == events
    assert cut_everywhere(StreamReader, b": ping\n\n" + plain.replace(b"\n\n", b"\n\n: ping\n\n")) == events


@given(st.lists(st.integers(0, 2000), max_size=12))
@settings(max_examples=80, deadline=None)
def test_random_pieces_make_no_difference(cuts: list[int]) -> None:
    data = frames(*TOOLS, bare(usage=USAGE))
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(places)]
    assert read(StreamReader(), pieces) == read(StreamReader(), [data])


def test_deltas_fold_into_the_answer() -> None:
    reply = folded(read(StreamReader(), [frames(*TEXT, bare(usage=USAGE))]))
    assert (reply.choices[0].text, reply.choices[0].finish) == ("Grüß Gott", "stop")
    assert reply.usage == Usage(prompt_tokens=3, completion_tokens=2)
    tools = folded(read(StreamReader(), [frames(*TOOLS)])).choices[0].tools
    assert [(tool.id, tool.name, tool.arguments) for tool in tools] == [("c1", "f", '{"a":1}'), ("c2", "g", "{}")]


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_reasoning_is_read_by_either_name(name: str) -> None:
    reply = folded(read(StreamReader(), [frames(chunk({name: "hm"}), chunk({"content": "a"}, "stop"))]))
    assert (reply.choices[0].reasoning, reply.choices[0].text) == ("hm", "a")


def test_a_stream_without_its_end_is_cut() -> None:
    whole = frames(*TEXT)
    end = whole.index(b'"finish_reason":"stop"') + len(b'"finish_reason":"stop","logprobs":null}]}')
    for place in range(end):
        with pytest.raises(UpstreamCut):
            read(StreamReader(), [whole[:place]])
    assert read(StreamReader(), [whole[:end]])[-1].deltas[0].finish == "stop"


def test_a_stream_is_cut_if_one_of_its_choices_is() -> None:
    with pytest.raises(UpstreamCut):
        read(StreamReader(), [frames(chunk({}, "stop", 0), chunk({"content": "a"}, None, 1), done=False)])


@pytest.mark.parametrize(
    ("payload", "kind", "status"),
    [
        ({"error": {"message": "busy", "type": "rate", "code": 429}}, UpstreamRefused, 429),
        ({"error": "busy"}, UpstreamRefused, 502),
        (b"nonsense", UpstreamGarbled, 502),
        (b"[]", UpstreamGarbled, 502),
        (b'{"choices":5}', UpstreamGarbled, 502),
        (b"[" * 10_000, UpstreamGarbled, 502),
    ],
)
def test_what_came_before_an_error_is_told_first(payload: Any, kind: type[UpstreamError], status: int) -> None:
    reader = StreamReader()
    events = reader.feed(frames(TEXT[0], payload))
    assert len(events) == 1
    assert reader.done
    with pytest.raises(kind) as caught:
        reader.flush()
    assert caught.value.status == status
    with pytest.raises(kind):
        StreamReader().feed(frames(payload))


def test_chunks_pass_through_byte_for_byte() -> None:
    data = frames(*TEXT)
    reader, out = StreamReader(), writer()
    assert out.write(reader.feed(data)) + out.end() == data


def test_usage_that_was_not_asked_for_is_not_told() -> None:
    upstream = frames(*[{**one, "usage": None} for one in TEXT], bare(usage=USAGE))
    assert through(upstream, writer()) == TEXT


@pytest.mark.parametrize(
    "payloads",
    [
        [*TEXT, bare(usage=USAGE)],
        [*TEXT[:-1], {**TEXT[-1], "usage": USAGE}],
        [*[{**one, "usage": {**USAGE, "completion_tokens": 1}} for one in TEXT], bare(usage=USAGE)],
    ],
)
def test_usage_that_was_asked_for_comes_once_and_last(payloads: list[Any]) -> None:
    chunks = through(frames(*payloads), writer(usage=True))
    assert [bool(one.get("usage")) for one in chunks] == [False] * len(TEXT) + [True]
    assert (chunks[-1]["choices"], chunks[-1]["usage"], chunks[-1]["id"]) == ([], USAGE, "u1")


def test_usage_that_the_upstream_did_not_count_is_zero() -> None:
    chunks = through(frames(*TEXT), writer(usage=True))
    assert chunks[-1]["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def test_the_role_comes_first_for_every_choice_and_once() -> None:
    payloads = [
        chunk({"content": "a"}),
        chunk({"content": "b"}, index=1),
        chunk({"role": "assistant"}, "stop"),
        chunk({}, "stop", 1),
    ]
    chunks = through(frames(*payloads), writer())
    roles = [(c["choices"][0]["index"], c["choices"][0]["delta"].get("role")) for c in chunks]
    assert roles == [(0, "assistant"), (0, None), (1, "assistant"), (1, None), (0, None), (1, None)]
    assert {one["id"] for one in chunks} == {"u1"}


def test_azures_empty_first_chunk_rides_on_the_next_one() -> None:
    first = {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": [{"a": 1}]}
    chunks = through(frames(first, *TEXT), writer())
    assert chunks[0] == {**TEXT[0], "prompt_filter_results": [{"a": 1}]}
    assert chunks[1:] == TEXT[1:]


def test_events_without_raw_are_rendered() -> None:
    events = [
        Event(deltas=(Delta(role="assistant"),)),
        Event(deltas=(Delta(reasoning="hm", thinking=({"type": "thinking", "thinking": "hm", "signature": "s"},)),)),
        Event(deltas=(Delta(text="a"),)),
        Event(deltas=(Delta(tools=(ToolDelta(index=0, id="c", name="f", arguments="{"),)),)),
        Event(deltas=(Delta(tools=(ToolDelta(index=0, arguments="}"),)),)),
        Event(deltas=(Delta(finish="tool_calls"),), usage=Usage(prompt_tokens=1, completion_tokens=2, cached_tokens=1)),
    ]
    out = writer(usage=True)
    data = out.write(events) + out.end()
    assert {one["id"] for one in told(data)} == {"p1"}
    again = folded(read(StreamReader(), [data]))
    assert again.choices == folded(events).choices
    assert again.usage == folded(events).usage


def test_a_client_of_functions_hears_function_calls() -> None:
    chunks = through(frames(*TOOLS), writer(functions=[{"name": "f"}]))
    deltas = [one["choices"][0]["delta"] for one in chunks]
    assert deltas[1]["function_call"] == {"name": "f", "arguments": ""}
    assert "".join(delta.get("function_call", {}).get("arguments", "") for delta in deltas) == '{"a":1}'
    assert chunks[-1]["choices"][0]["finish_reason"] == "function_call"


def test_an_error_in_a_stream_is_an_event_and_no_end() -> None:
    data = writer().error(Internal("It broke."))
    assert b"[DONE]" not in data
    assert json.loads(data[6:])["error"]["message"] == "It broke."


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSONS, st.booleans())
@settings(max_examples=80, deadline=None)
def test_unknown_fields_survive_at_every_depth(deep: Any, usage: bool) -> None:
    odd = {
        **chunk({"role": "assistant", "content": "a", "odd": deep}),
        "odd": deep,
        "nested": {"usage": None, "odd": deep},
    }
    odd["choices"][0]["odd"] = deep
    chunks = through(frames({**odd, "usage": None}, chunk(finish="stop")), writer(usage=usage))
    assert chunks[0] == ({**odd, "usage": None} if usage else odd)

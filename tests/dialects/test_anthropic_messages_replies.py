"""Answers of an Anthropic upstream: whole, streamed, cut, refused."""

import json
from typing import Any

import pytest
from anthropic.types import Message

from parley.core.errors import UpstreamCut, UpstreamGarbled, UpstreamRefused
from parley.core.reply import ToolCall, Usage
from parley.dialects.anthropic_messages import StreamReader, read_error, read_reply

from .cutting import cut_everywhere, folded, read

THOUGHT = {"type": "thinking", "thinking": "hm hm", "signature": "sig"}
HIDDEN = {"type": "redacted_thinking", "data": "x"}
CONTENT = [
    THOUGHT,
    HIDDEN,
    {"type": "text", "text": "Grüß Gott"},
    {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
    {"type": "tool_use", "id": "t2", "name": "g", "input": {}},
]
COUNTED = {"input_tokens": 10, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2, "output_tokens": 7}
USAGE = Usage(prompt_tokens=17, completion_tokens=7, cached_tokens=5, cache_write_tokens=2)


def message(**fields: Any) -> dict[str, Any]:
    body = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": CONTENT,
        "stop_reason": "tool_use", "stop_sequence": None, "usage": COUNTED, **fields,
    }  # fmt: skip
    Message.model_validate(body)
    return body


def stream(*events: dict[str, Any]) -> bytes:
    return b"".join(b"event: %b\ndata: %b\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events)


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


END = {
    "type": "message_delta",
    "delta": {"stop_reason": "tool_use", "stop_sequence": None},
    "usage": {"output_tokens": 7},
}
EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": message(content=[], stop_reason=None, usage={**COUNTED, "output_tokens": 1})},
    {"type": "ping"},
    start(0, type="thinking", thinking="", signature=""),
    delta(0, "thinking_delta", thinking="hm "),
    delta(0, "thinking_delta", thinking="hm"),
    delta(0, "signature_delta", signature="sig"),
    stop(0),
    start(1, **HIDDEN),
    stop(1),
    start(2, type="text", text=""),
    delta(2, "text_delta", text="Grüß "),
    delta(2, "text_delta", text="Gott"),
    delta(2, "citations_delta", citation={}),
    stop(2),
    start(3, type="tool_use", id="t1", name="f", input={}),
    delta(3, "input_json_delta", partial_json=""),
    delta(3, "input_json_delta", partial_json='{"a"'),
    delta(3, "input_json_delta", partial_json=":1}"),
    stop(3),
    start(4, type="tool_use", id="t2", name="g", input={}),
    stop(4),
    {"type": "brand_new_event"},
    END,
    {"type": "message_stop"},
]


def test_a_whole_message_is_read() -> None:
    reply = read_reply(json.dumps(message(), separators=(",", ":")).encode())
    choice = reply.choices[0]
    assert (reply.id, reply.model, reply.usage) == ("msg_1", "claude", USAGE)
    assert (choice.text, choice.reasoning, choice.finish) == ("Grüß Gott", "hm hm", "tool_calls")
    assert choice.thinking == (THOUGHT, HIDDEN)
    assert choice.tools == (
        ToolCall(id="t1", name="f", arguments='{"a":1}'),
        ToolCall(id="t2", name="g", arguments="{}"),
    )


def test_a_stream_folds_into_the_same_answer_however_it_is_cut() -> None:
    streamed = folded(cut_everywhere(StreamReader, stream(*EVENTS)))
    whole = read_reply(json.dumps(message(), separators=(",", ":")).encode())
    assert streamed.choices == whole.choices
    assert (streamed.usage, streamed.id, streamed.model) == (USAGE, "msg_1", "claude")


def test_a_stream_without_its_end_is_cut() -> None:
    for count in range(len(EVENTS)):
        with pytest.raises(UpstreamCut):
            read(StreamReader(), [stream(*EVENTS[:count])])


def test_the_prompt_is_counted_from_the_start() -> None:
    assert StreamReader().feed(stream(EVENTS[0]))[0].usage == Usage(
        prompt_tokens=17, completion_tokens=1, cached_tokens=5, cache_write_tokens=2
    )


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
    ],
)
def test_stop_reasons_are_mapped(reason: str, finish: str) -> None:
    assert read_reply(json.dumps(message(stop_reason=reason)).encode()).choices[0].finish == finish


@pytest.mark.parametrize(("kind", "status"), [("overloaded_error", 529), ("rate_limit_error", 429), ("odd_error", 502)])
def test_an_error_in_a_stream_has_its_own_status(kind: str, status: int) -> None:
    error = {"type": "error", "error": {"type": kind, "message": "Too busy."}}
    reader = StreamReader()
    assert len(reader.feed(stream(EVENTS[0], error))) == 1
    with pytest.raises(UpstreamRefused, match="Too busy") as caught:
        reader.flush()
    assert (caught.value.status, caught.value.type) == (status, kind)


def test_an_error_answer_keeps_its_words() -> None:
    error = read_error(
        529, b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}'
    )
    assert (error.status, error.type, error.message) == (529, "overloaded_error", "Overloaded")


@pytest.mark.parametrize("body", [b"", b"nonsense", b"{}", b'{"content":5}', b"[" * 10_000])
def test_what_is_no_message_is_garbled(body: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read_reply(body)
    with pytest.raises(UpstreamGarbled):
        StreamReader().feed(b"data: nonsense\n\n")

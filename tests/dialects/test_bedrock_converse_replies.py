"""Answers of a Converse upstream: whole, streamed, cut, refused."""

import json
from typing import Any

import pytest

from parley.core.errors import UpstreamCut, UpstreamGarbled, UpstreamRefused
from parley.core.reply import ToolCall, Usage
from parley.dialects.bedrock_converse import StreamReader, read_error, read_reply
from tests.wire.event_frames import event, exception, message, text

from .cutting import cut_everywhere, folded, read

COUNTED = {
    "inputTokens": 10, "outputTokens": 7, "totalTokens": 24, "cacheReadInputTokens": 5, "cacheWriteInputTokens": 2,
}  # fmt: skip
USAGE = Usage(prompt_tokens=17, completion_tokens=7, cached_tokens=5, cache_write_tokens=2)
CONTENT = [
    {"reasoningContent": {"reasoningText": {"text": "hm hm", "signature": "sig"}}},
    {"reasoningContent": {"redactedContent": "QQ=="}},
    {"text": "Grüß Gott"},
    {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}},
    {"toolUse": {"toolUseId": "t2", "name": "g", "input": {}}},
    {"toolUse": {"toolUseId": "t3", "name": "h", "input": {}, "type": "server_tool_use"}},
]
THINKING = (
    {"type": "thinking", "thinking": "hm hm", "signature": "sig"},
    {"type": "redacted_thinking", "data": "QQ=="},
)


def response(reason: str = "tool_use", **fields: Any) -> bytes:
    said = {"output": {"message": {"role": "assistant", "content": CONTENT}}, "stopReason": reason, "usage": COUNTED}
    return json.dumps({**said, "metrics": {"latencyMs": 5}, **fields}, separators=(",", ":")).encode()


def delta(index: int, **fields: Any) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": index, "delta": fields})


def start(index: int, **fields: Any) -> bytes:
    return event("contentBlockStart", {"contentBlockIndex": index, "start": {"toolUse": fields}})


def stop(index: int) -> bytes:
    return event("contentBlockStop", {"contentBlockIndex": index})


END = event("messageStop", {"stopReason": "tool_use"})
METADATA = event("metadata", {"usage": COUNTED, "metrics": {"latencyMs": 5}})
EVENTS = [
    event("messageStart", {"role": "assistant"}),
    delta(0, reasoningContent={"text": "hm "}),
    delta(0, reasoningContent={"text": "hm"}),
    delta(0, reasoningContent={"signature": "sig"}),
    stop(0),
    delta(1, reasoningContent={"redactedContent": "QQ=="}),
    stop(1),
    delta(2, text="Grüß "),
    delta(2, text="Gott"),
    delta(2, citation={"title": "x"}),
    stop(2),
    start(3, toolUseId="t1", name="f"),
    delta(3, toolUse={"input": ""}),
    delta(3, toolUse={"input": '{"a"'}),
    delta(3, toolUse={"input": ":1}"}),
    stop(3),
    start(4, toolUseId="t2", name="g"),
    stop(4),
    start(5, toolUseId="t3", name="h", type="server_tool_use"),
    delta(5, toolUse={"input": "{}"}),
    stop(5),
    event("brandNewEvent", {}),
    END,
    METADATA,
]


def test_a_whole_response_is_read() -> None:
    reply = read_reply(response())
    choice = reply.choices[0]
    assert reply.usage == USAGE
    assert (choice.text, choice.reasoning, choice.finish) == ("Grüß Gott", "hm hm", "tool_calls")
    assert choice.thinking == THINKING
    assert choice.tools == (
        ToolCall(id="t1", name="f", arguments='{"a":1}'),
        ToolCall(id="t2", name="g", arguments="{}"),
    )


def test_a_stream_folds_into_the_same_answer_however_it_is_cut() -> None:
    streamed = folded(cut_everywhere(StreamReader, b"".join(EVENTS)))
    assert streamed.choices == read_reply(response()).choices
    assert streamed.usage == USAGE


def test_a_stream_is_over_when_its_tokens_are_counted() -> None:
    reader = StreamReader()
    reader.feed(b"".join(EVENTS))
    assert reader.done


def test_a_stream_without_its_end_is_cut() -> None:
    for count in range(EVENTS.index(END) + 1):
        with pytest.raises(UpstreamCut):
            read(StreamReader(), [b"".join(EVENTS[:count])])
    half = b"".join(EVENTS[:8])[:-3]
    with pytest.raises(UpstreamCut):
        read(StreamReader(), [half])


def test_an_answer_whose_count_never_came_is_whole() -> None:
    assert folded(read(StreamReader(), [b"".join(EVENTS[:-1])])).usage is None


def test_a_bent_stream_is_garbled() -> None:
    bent = bytearray(EVENTS[1])
    bent[20] ^= 1
    reader = StreamReader()
    assert len(reader.feed(EVENTS[0])) == 1
    with pytest.raises(UpstreamGarbled, match="checksum"):
        reader.feed(bytes(bent))


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("a_new_one", "stop"),
    ],
)
def test_stop_reasons_are_mapped(reason: str, finish: str) -> None:
    assert read_reply(response(reason)).choices[0].finish == finish


def test_an_answer_that_went_wrong_is_an_error() -> None:
    with pytest.raises(UpstreamGarbled, match="malformed_tool_use"):
        read_reply(response("malformed_tool_use"))
    with pytest.raises(UpstreamGarbled, match="malformed_model_output"):
        read(StreamReader(), [event("messageStop", {"stopReason": "malformed_model_output"})])


def test_a_text_with_citations_is_a_text() -> None:
    cited = [{"citationsContent": {"content": [{"text": "a"}, {"text": "b"}], "citations": []}}]
    body = response("end_turn", output={"message": {"role": "assistant", "content": cited}})
    assert read_reply(body).choices[0].text == "ab"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("throttlingException", 429),
        ("validationException", 400),
        ("serviceUnavailableException", 503),
        ("internalServerException", 500),
        ("modelStreamErrorException", 502),
        ("oddException", 502),
    ],
)
def test_an_exception_in_a_stream_has_its_own_status(name: str, status: int) -> None:
    reader = StreamReader()
    assert len(reader.feed(EVENTS[0] + exception(name, "Too busy."))) == 1
    with pytest.raises(UpstreamRefused, match="Too busy") as caught:
        reader.flush()
    assert (caught.value.status, caught.value.type) == (status, name)


def test_an_error_without_a_payload_is_told() -> None:
    told = text(":message-type", "error") + text(":error-code", "InternalFailure") + text(":error-message", "Oh.")
    with pytest.raises(UpstreamRefused, match="Oh") as caught:
        StreamReader().feed(message(told, b""))
    assert caught.value.type == "InternalFailure"


@pytest.mark.parametrize(
    ("status", "body", "told", "kind"),
    [
        (429, b'{"message":"Too many tokens"}', 429, "ThrottlingException"),
        (403, b'{"Message":"Too many tokens"}', 403, "AccessDeniedException"),
        (400, b'{"message":"Too many tokens"}', 400, "ValidationException"),
        (424, b'{"message":"Too many tokens","originalStatusCode":500}', 502, "ModelErrorException"),
        (413, b"Too many tokens", 413, "upstream_error"),
    ],
)
def test_an_error_answer_keeps_its_words(status: int, body: bytes, told: int, kind: str) -> None:
    error = read_error(status, body)
    assert (error.status, error.type, error.message) == (told, kind, "Too many tokens")


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"{}", b'{"output":5}', b'{"output":{"message":{}}}', b"[" * 10_000]
)
def test_what_is_no_answer_is_garbled(body: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read_reply(body)
    with pytest.raises(UpstreamGarbled):
        StreamReader().feed(message(text(":event-type", "messageStop"), b"[" + body))
    assert read_error(500, body).status == 500

"""Answers of a Gemini upstream: whole, streamed, cut, blocked, refused."""

import json
from typing import Any

import pytest

from parley.core.errors import UpstreamCut, UpstreamGarbled, UpstreamRefused
from parley.core.reply import ToolCall, Usage
from parley.dialects.gemini import StreamReader, read_error, read_reply

from .cutting import cut_everywhere, folded, frames, read

COUNTED = {
    "promptTokenCount": 10, "candidatesTokenCount": 7, "thoughtsTokenCount": 4, "toolUsePromptTokenCount": 3,
    "cachedContentTokenCount": 5, "totalTokenCount": 24,
}  # fmt: skip
USAGE = Usage(prompt_tokens=13, completion_tokens=11, cached_tokens=5, reasoning_tokens=4)
THOUGHT = {"text": "hm hm", "thought": True, "thoughtSignature": "sig0"}
PARTS = [
    THOUGHT,
    {"text": "Grüß "},
    {"executableCode": {"language": "PYTHON", "code": "1"}},
    {"text": "Gott", "thoughtSignature": "sig1"},
    {"functionCall": {"name": "f", "args": {"a": 1}, "id": "x1"}, "thoughtSignature": "sig2"},
    {"functionCall": {"name": "g"}},
]
SIGNED = (
    {"type": "gemini_signature", "issuer": "gemini", "signature": "sig0", "thought": "hm hm"},
    {"type": "gemini_signature", "issuer": "gemini", "signature": "sig1"},
    {"type": "gemini_signature", "issuer": "gemini", "signature": "sig2", "tool_call_id": "x1"},
)


def response(parts: list[Any], finish: str | None = None, index: int = 0, **fields: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": parts}, "index": index}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1", **fields}


def told(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


PIECES = [
    response([{"text": "hm ", "thought": True}]),
    response([{"text": "hm", "thought": True}]),
    response([{"text": "", "thought": True, "thoughtSignature": "sig0"}], usageMetadata={"promptTokenCount": 10}),
    response([{"text": "Grüß "}]),
    response([PARTS[2], {"text": "Gott"}]),
    response([{"text": "", "thoughtSignature": "sig1"}]),
    response([PARTS[4]]),
    response([PARTS[5]], "STOP", usageMetadata=COUNTED),
]
STREAM = frames(*[told(piece) for piece in PIECES], done=False)


def test_a_whole_response_is_read() -> None:
    reply = read_reply(told(response(PARTS, "STOP", usageMetadata=COUNTED)))
    choice = reply.choices[0]
    assert (reply.id, reply.model, reply.usage) == ("r1", "gemini-x", USAGE)
    assert (choice.text, choice.reasoning, choice.finish) == ("Grüß Gott", "hm hm", "tool_calls")
    assert choice.thinking == SIGNED
    assert choice.tools == (
        ToolCall(id="x1", name="f", arguments='{"a":1}'),
        ToolCall(id="call_gemini_r1_0_1", name="g", arguments="{}"),
    )


def test_a_stream_folds_into_the_same_answer_however_it_is_cut() -> None:
    streamed = folded(cut_everywhere(StreamReader, STREAM))
    assert streamed.choices == read_reply(told(response(PARTS, "STOP"))).choices
    assert (streamed.usage, streamed.id, streamed.model) == (USAGE, "r1", "gemini-x")


def test_a_stream_in_windows_line_ends_is_read_too() -> None:
    assert folded(read(StreamReader(), [STREAM.replace(b"\n", b"\r\n")])).choices[0].text == "Grüß Gott"


def test_a_stream_without_its_end_is_cut() -> None:
    for count in range(len(PIECES)):
        with pytest.raises(UpstreamCut):
            read(StreamReader(), [frames(*PIECES[:count], done=False)])


def test_several_candidates_grow_side_by_side() -> None:
    pieces = [response([{"text": "a"}]), response([{"text": "b"}], index=1), response([{"text": "c"}], "STOP")]
    with pytest.raises(UpstreamCut):
        read(StreamReader(), [frames(*pieces, done=False)])
    pieces.append(response([{"text": "d"}], "MAX_TOKENS", index=1))
    reply = folded(read(StreamReader(), [frames(*pieces, done=False)]))
    assert [(choice.text, choice.finish) for choice in reply.choices] == [("ac", "stop"), ("bd", "length")]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("SPII", "content_filter"),
        ("OTHER", "content_filter"),
        ("A_NEW_ONE", "stop"),
    ],
)
def test_finish_reasons_are_mapped(reason: str, finish: str) -> None:
    assert read_reply(told(response([{"text": "a"}], reason))).choices[0].finish == finish


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"])
def test_an_answer_that_went_wrong_is_an_error(reason: str) -> None:
    broken = {"candidates": [{"finishReason": reason, "finishMessage": "It went wrong"}]}
    with pytest.raises(UpstreamGarbled, match="It went wrong"):
        read_reply(told(broken))
    reader = StreamReader()
    assert reader.feed(frames(PIECES[3], broken, done=False))
    with pytest.raises(UpstreamGarbled, match=reason):
        reader.flush()


def test_a_blocked_prompt_is_a_refusal_and_no_fault() -> None:
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 3}}
    whole = read_reply(told(blocked))
    streamed = folded(read(StreamReader(), [frames(blocked, done=False)]))
    assert whole.choices == streamed.choices
    assert (whole.choices[0].finish, whole.choices[0].text) == ("content_filter", None)
    assert "PROHIBITED_CONTENT" in (whole.choices[0].refusal or "")
    assert whole.usage == Usage(prompt_tokens=3)


def test_an_answer_that_safety_stopped_keeps_what_was_said() -> None:
    stopped = {"candidates": [{"finishReason": "SAFETY", "finishMessage": "Not that."}]}
    choice = folded(read(StreamReader(), [frames(PIECES[3], stopped, done=False)])).choices[0]
    assert (choice.text, choice.refusal, choice.finish) == ("Grüß ", "Not that.", "content_filter")


def test_log_probabilities_have_openais_shape() -> None:
    result = {
        "chosenCandidates": [{"token": "ü", "logProbability": -0.5}, {"token": "b", "logProbability": -1}],
        "topCandidates": [{"candidates": [{"token": "ü", "logProbability": -0.5}, {"token": "c"}]}],
    }
    body = response([{"text": "üb"}], "STOP")
    body["candidates"][0]["logprobsResult"] = result
    first, second = read_reply(told(body)).choices[0].logprobs["content"]
    assert (first["token"], first["logprob"], first["bytes"]) == ("ü", -0.5, [0xC3, 0xBC])
    assert [token["token"] for token in first["top_logprobs"]] == ["ü", "c"]
    assert (second["logprob"], second["top_logprobs"]) == (-1, [])


ERROR = {
    "error": {
        "code": 429,
        "message": "Slow down.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "45.837906927s"},
        ],
    }
}


@pytest.mark.parametrize("body", [ERROR, [ERROR]])
def test_an_error_answer_keeps_its_words_and_says_when_to_come_back(body: Any) -> None:
    error = read_error(429, told(body))
    assert (error.status, error.type, error.message) == (429, "RESOURCE_EXHAUSTED", "Slow down.")
    assert error.retry_after == "46"


def test_an_error_in_a_stream_has_its_own_status() -> None:
    reader = StreamReader()
    assert len(reader.feed(frames(PIECES[0], ERROR, done=False))) == 1
    with pytest.raises(UpstreamRefused, match="Slow down") as caught:
        reader.flush()
    assert (caught.value.status, caught.value.retry_after) == (429, "46")


@pytest.mark.parametrize("body", [b"", b"nonsense", b"{}", b'{"candidates":5}', b'{"candidates":[{}]}', b"[" * 10_000])
def test_what_is_no_answer_is_garbled(body: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read_reply(body)
    with pytest.raises(UpstreamGarbled):
        StreamReader().feed(b"data: nonsense\n\n")
    assert read_error(500, body).status == 500

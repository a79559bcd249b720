"""How each provider says the same things on its own wire: recorded shapes, filled with what a test wants."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.flow.stage import STREAM_HEAD, USAGE, event, piece, pieces, said
from tests.scripted import chunk, json_answer, sse_answer

ARGUMENTS = '{"city":"Köln"}'


@dataclass(frozen=True)
class Voice:
    """One provider: the model that leads to it, the path it is asked on, its key's header, and its words."""

    name: str
    model: str
    path: str
    key: tuple[str, str]
    whole: Callable[[str, str], bytes]
    stream: Callable[[str], bytes]
    half: Callable[[str], bytes]
    tool: bytes
    tool_stream: bytes
    failure: Callable[[int, str], bytes]
    length: str


def _openai_whole(text: str, finish: str) -> bytes:
    answer = said(text)
    answer["choices"][0]["finish_reason"] = finish
    return json_answer(answer)


def _openai_tool() -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}
    answer = said()
    answer["choices"][0] |= {
        "message": {"role": "assistant", "content": None, "tool_calls": [call]},
        "finish_reason": "tool_calls",
    }
    return answer


def _openai_tool_stream() -> bytes:
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}
    return sse_answer(
        piece({"role": "assistant", "content": None, "tool_calls": [call]}), piece({}, "tool_calls"), piece(usage=USAGE)
    )


def _openai_failure(status: int, text: str) -> bytes:
    return json_answer({"error": {"message": text, "type": "t", "param": None, "code": None}}, status, retry_after="9")


OPENAI = Voice(
    name="openai-compatible",
    model="m",
    path="/v1/chat/completions",
    key=("authorization", "Bearer "),
    whole=_openai_whole,
    stream=lambda text: sse_answer(*pieces(*text)),
    half=lambda text: STREAM_HEAD + event(piece({"role": "assistant", "content": text})) + chunk(b""),
    tool=json_answer(_openai_tool()),
    tool_stream=_openai_tool_stream(),
    failure=_openai_failure,
    length="length",
)

COUNTED = {"input_tokens": 7, "output_tokens": 3}


def _message(content: list[Any], stop: str | None, **more: Any) -> dict[str, Any]:
    known = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-model", "stop_sequence": None}
    return {**known, "content": content, "stop_reason": stop, "usage": COUNTED, **more}


def _named(*events: dict[str, Any]) -> bytes:
    frames = (f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)
    return STREAM_HEAD + b"".join(map(chunk, frames)) + chunk(b"")


START = {"type": "message_start", "message": _message([], None, usage={"input_tokens": 7, "output_tokens": 1})}


def _block(block: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
    ]


def _end(stop: str) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ]


def _texts(text: str) -> list[dict[str, Any]]:
    return _block({"type": "text", "text": ""}, *({"type": "text_delta", "text": letter} for letter in text))


def _anthropic_failure(status: int, text: str) -> bytes:
    return json_answer({"type": "error", "error": {"type": "t", "message": text}}, status, retry_after="9")


TOOL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}

ANTHROPIC = Voice(
    name="anthropic",
    model="opus",
    path="/v1/messages",
    key=("x-api-key", ""),
    whole=lambda text, finish: json_answer(_message([{"type": "text", "text": text}], finish)),
    stream=lambda text: _named(START, *_texts(text), *_end("end_turn")),
    half=lambda text: _named(START, *_texts(text)),
    tool=json_answer(_message([{**TOOL, "input": json.loads(ARGUMENTS)}], "tool_use")),
    tool_stream=_named(
        START,
        *_block(
            TOOL,
            {"type": "input_json_delta", "partial_json": ARGUMENTS[:4]},
            {"type": "input_json_delta", "partial_json": ARGUMENTS[4:]},
        ),
        *_end("tool_use"),
    ),
    failure=_anthropic_failure,
    length="max_tokens",
)

VOICES = [OPENAI, ANTHROPIC]

"""The lines of an answer: chat completions and chunks as the client's strict models take them, one JSON object a line.

Its models want strings where OpenAI allows null, and lists of bytes in log-probabilities (maitai-python 1.2.34).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from parley.core.asks import Json
from parley.core.errors import GatewayError

KEEP_ALIVE = b'{"keep_alive":true}\n'
_encode = msgspec.json.encode

NAMES = ("evaluation", "correction_applied")
"""What Parley says beside an answer and has words of Maitai's own for."""


def answer_line(completion: Mapping[str, Json], more: Mapping[str, Json], *, last: bool) -> bytes:
    """A whole answer; without the line's end when it is `last`, for then the client keeps its connection."""
    answer = {**_strict(completion), "object": "chat.completion", **_said(completion), **more}
    for choice in answer.get("choices", ()):
        choice["message"] = {name: value for name, value in choice["message"].items() if value is not None}
        choice["message"].setdefault("role", "assistant")
        choice["message"].setdefault("content", None)
    return _encode({"chat_completion_response": answer}) + (b"" if last else b"\n")


def chunk_line(chunk: Mapping[str, Json], more: Mapping[str, Json]) -> bytes:
    """A piece of an answer."""
    piece = {**_strict(chunk), "object": "chat.completion.chunk", **_said(chunk), **more}
    for choice in piece.get("choices", ()):
        choice.setdefault("delta", {})
        for call in choice["delta"].get("tool_calls") or ():
            function = call.setdefault("function", {})
            function["arguments"] = function.get("arguments") or ""
    return _encode({"chat_completion_chunk": piece}) + b"\n"


def evaluation_line(evaluation: Mapping[str, Json]) -> bytes:
    """An evaluation that comes after its answer: what the client calls its callback with."""
    return _encode({"evaluate_response": evaluation}) + b"\n"


def error_line(error: GatewayError) -> bytes:
    """What went wrong once lines have begun."""
    return _encode({"error": error.message}) + b"\n"


def _strict(completion: Mapping[str, Json]) -> dict[str, Any]:
    """The completion without nulls at its top, whole seconds, and lists where the client's models want them."""
    strict = {name: value for name, value in completion.items() if value is not None and name not in NAMES}
    strict["id"], strict["model"] = str(strict.get("id", "")), str(strict.get("model", ""))
    strict["created"] = int(strict.get("created", 0))
    if "usage" in strict:
        strict["usage"] = {name: value for name, value in strict["usage"].items() if value is not None}
    strict["choices"] = [dict(choice) for choice in strict.get("choices", ())]
    for choice in strict["choices"]:
        for entry in (choice.get("logprobs") or {}).get("content") or ():
            _list_bytes(entry)
            for other in entry.get("top_logprobs") or ():
                _list_bytes(other)
    return strict


def _list_bytes(entry: dict[str, Any]) -> None:
    if entry.get("bytes") is None:
        entry["bytes"] = list(str(entry.get("token", "")).encode())


def _said(completion: Mapping[str, Json]) -> dict[str, Json]:
    applied = completion.get("correction_applied")
    return {} if applied is None else {"correction_applied": applied}

"""Calls that go to the provider from here: what it is asked, and what Parley is told of it afterwards. No I/O."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from parley_client.results import Chunk

SAMPLING = frozenset({"min_p", "top_k", "repetition_penalty", "ignore_eos", "peft", "chat_template", "loglikelihood"})
"""Parley's parameters that mean something to providers; openai's client takes them as `extra_body`."""

SETTLED = SAMPLING | {
    "model",
    "temperature",
    "top_p",
    "n",
    "stop",
    "max_tokens",
    "max_completion_tokens",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "seed",
    "reasoning_effort",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
}
"""What a portal's configuration settles for a provider."""

INSTEAD = {
    "max_tokens": ("max_completion_tokens",),
    "max_completion_tokens": ("max_tokens",),
    "tools": ("functions",),
    "tool_choice": ("function_call", "functions"),
}
"""Where one of these is given, the default for the other is not wanted."""


def arguments(openais: Mapping[str, Any], ours: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """What openai's client is told: what the request says, else what the portal settles.

    Raises ValueError where neither names a model.
    """
    said = {**openais, **{name: value for name, value in ours.items() if name in SAMPLING}}
    for name, value in config.items():
        taken = {name, *INSTEAD.get(name, ())} & said.keys()
        if name in SETTLED and not taken:
            said[name] = value
    if not said.get("model"):
        raise ValueError("`model` is missing: name one, or let the intent settle one; Parley was asked and named none.")
    instructions = ours.get("instructions") or config.get("instructions")
    if instructions:
        said["messages"] = [{"role": "system", "content": instructions}, *said["messages"]]
    if said.get("stream"):
        said["stream_options"] = {"include_usage": True, **(said.get("stream_options") or {})}
    extra = {name: said.pop(name) for name in SAMPLING & said.keys()}
    said["extra_body"] = {**extra, **(said.get("extra_body") or {})}
    return said


def shows_usage(openais: Mapping[str, Any]) -> bool:
    """Whether the caller asked for the chunk with the usage."""
    return bool((openais.get("stream_options") or {}).get("include_usage"))


def new_id() -> str:
    """A request's id as Parley makes them: it sorts by time and can not be guessed."""
    return f"req_{time.time_ns():016x}{os.urandom(10).hex()}"


def provider_name(base_url: str) -> str:
    """What the ledger calls a provider that is only known by its address."""
    host = urlsplit(base_url).hostname or ""
    return "openai" if host == "api.openai.com" else host


def record(
    id: str, request: bytes, ours: Mapping[str, object], answer: Mapping[str, object], facts: Mapping[str, object]
) -> dict[str, object]:
    """What Parley is handed: the request as it was sent and the answer as it came.

    `facts` are the provider, the times of the call, and whether its answer came whole.
    """
    asked = {**json.loads(request), **ours, "server_side_inference": False}
    asked.pop("instructions", None)  # they are the first message already
    return {"id": id, "request": asked, "answer": answer, **facts}


def folded(chunks: Sequence[Chunk]) -> dict[str, object]:
    """The whole answer that a stream amounts to."""
    choices: dict[int, dict[str, Any]] = {}
    usage = None
    for chunk in chunks:
        usage = chunk.usage or usage
        for piece in chunk.choices or ():
            empty = {"index": piece.index, "message": {"role": "assistant", "content": None}, "finish_reason": None}
            choice = choices.setdefault(piece.index, empty)
            _add(choice["message"], piece.delta.to_dict() if piece.delta else {})
            choice["finish_reason"] = piece.finish_reason or choice["finish_reason"]
    if not choices:  # nothing was said before it was left
        choices[0] = {"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": None}
    first = chunks[0] if chunks else None
    return {
        "id": first.id if first else "",
        "object": "chat.completion",
        "created": first.created if first else int(time.time()),
        "model": first.model if first else "",
        "choices": [_whole(choices[index]) for index in sorted(choices)],
        **({"usage": usage.to_dict()} if usage else {}),
    }


def _add(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for name, value in delta.items():
        if name == "tool_calls":
            for piece in value or ():
                _add_tool(message.setdefault("tool_calls", {}), piece)
        elif name != "role" and isinstance(value, str):
            message[name] = (message.get(name) or "") + value


def _add_tool(calls: dict[int, dict[str, Any]], piece: Mapping[str, Any]) -> None:
    empty = {"id": None, "type": "function", "function": {"name": "", "arguments": ""}}
    call, said = calls.setdefault(piece.get("index", 0), empty), piece.get("function") or {}
    call["id"] = call["id"] or piece.get("id")
    call["function"]["name"] = call["function"]["name"] or said.get("name") or ""
    call["function"]["arguments"] += said.get("arguments") or ""


def _whole(choice: dict[str, Any]) -> dict[str, Any]:
    calls = choice["message"].get("tool_calls")
    if calls:
        choice["message"]["tool_calls"] = [calls[index] for index in sorted(calls)]
    return choice

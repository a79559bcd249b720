"""Writes a stream for a client: frames of the upstream's own chunks where possible, rendered ones where not.

What a client may rely on, whatever the upstream does: the first chunk of each choice carries its role; usage comes only
if it was asked for, and then exactly once, at the end, in a chunk with empty `choices`; `[DONE]` follows a whole answer
and nothing else. There are no `event:` lines: octoai-sdk 0.10.1 fails on any line that is not `data:` (2024-10).
A chunk without choices (Azure's first one, with its prompt filter results) is held and its fields ride on the next one:
clients read `choices[0]` of every chunk.
"""

import msgspec
from msgspec import UNSET

from parley.core.asks import Chat
from parley.core.error_shape import error_body
from parley.core.errors import GatewayError
from parley.core.reply import Delta, Event, Json, ToolDelta
from parley.core.usage_shape import usage_json
from parley.dialects.openai_chat.functions import speaks_functions
from parley.dialects.openai_chat.shapes import NAME, WriteChoice, WriteDelta

_encode = msgspec.json.encode
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NULL = msgspec.Raw(b"null")
_NONE = msgspec.Raw(b"[]")
_NOTHING = WriteDelta()

Fields = dict[str, Json]


class StreamWriter:
    """One answer to one client. `id`, `model` and `created` stand in the chunks that Parley writes itself."""

    def __init__(self, chat: Chat, id: str, model: str, created: int) -> None:
        self._wants_usage = bool(chat.stream_options and chat.stream_options.include_usage)
        self._functions = speaks_functions(chat)
        self._identity = (id, model, created)
        self._head = b""
        self._begun: set[int] = set()
        self._given_role: set[int] = set()
        self._held: Fields = {}
        self._usage: Json = None  # what the last chunk will say
        self._last: Fields | None = None  # the upstream's own usage chunk

    def write(self, events: list[Event]) -> bytes:
        """The frames that tell `events`."""
        frames: list[bytes] = []
        for event in events:
            raw = event.raw
            if event.notes is not None:
                self._held.update(event.notes)
            ours = raw is not None and raw.dialect == NAME and not self._functions
            for delta in event.deltas:
                if delta.index not in self._begun:
                    self._begin(event, delta, frames, ours)
            if raw is not None and ours:
                self._pass(event, raw.data, frames)
            else:
                self._render(event, frames)
        return b"".join(frames)

    def end(self) -> bytes:
        """The usage, if it was asked for, and the end of the stream."""
        last = self._last
        if self._wants_usage:
            if last is None:
                usage = usage_json(None) if self._usage is None else self._usage
                last = _FIELDS.decode(self._chunk([], b',"usage":' + _encode(usage) + b"}"))
            return b"data: " + _encode({**self._held, **last}) + b"\n\ndata: [DONE]\n\n"
        if self._held:
            return b"data: " + _encode({**self._held, "choices": _NONE}) + b"\n\ndata: [DONE]\n\n"
        return b"data: [DONE]\n\n"

    def error(self, error: GatewayError) -> bytes:
        """The event that tells an error in a stream that has begun; nothing may follow it."""
        return b"data: " + error_body(error) + b"\n\n"

    def _chunk(self, choices: list[WriteChoice], tail: bytes = b"}") -> bytes:
        if not self._head:
            self._name(*self._identity)
        return self._head + _encode(choices) + tail

    def _name(self, id: str, model: str, created: int) -> None:
        known = {"id": id, "object": "chat.completion.chunk", "created": created, "model": model}
        self._head = _encode(known)[:-1] + b',"choices":'

    def _begin(self, event: Event, delta: Delta, frames: list[bytes], ours: bool) -> None:
        """Sees to it that the choice's role is said; our own chunks bear the identity of those that pass through."""
        if ours and not self._head:
            id, model, created = self._identity
            self._name(event.id or id, event.model or model, created)
        self._begun.add(delta.index)
        if ours and delta.role:
            return
        self._given_role.add(delta.index)
        role = WriteChoice(delta.index, WriteDelta(role="assistant", content=""))
        frames += (b"data: ", self._chunk([role]), b"\n\n")

    def _pass(self, event: Event, data: bytes, frames: list[bytes]) -> None:
        """The upstream's own chunk, without what is not for this client's eyes at this place."""
        if not event.deltas:
            self._hold(event, _FIELDS.decode(data))
            return
        if event.usage is not None or (not self._wants_usage and b'"usage"' in data):
            fields: Fields = dict(_FIELDS.decode(data))
            usage = fields.pop("usage", None)
            if event.usage is not None:
                self._usage, self._last = usage, None
            if self._wants_usage:
                fields["usage"] = _NULL
            data = _encode(fields)
        if self._held:
            data = _encode({**self._held, **_FIELDS.decode(data)})
            self._held = {}
        if self._given_role and any(delta.role and delta.index in self._given_role for delta in event.deltas):
            data = _without_roles(data, self._given_role)
        if b"\n" in data or b"\r" in data:
            data = msgspec.json.format(data, indent=-1)
        frames += (b"data: ", data, b"\n\n")

    def _hold(self, event: Event, fields: Fields) -> None:
        if event.usage is None:
            fields.pop("usage", None)
            self._held.update(fields)
        else:
            self._last = {**fields, "choices": _NONE}

    def _render(self, event: Event, frames: list[bytes]) -> None:
        if event.usage is not None:
            self._usage, self._last = usage_json(event.usage), None
        choices = [choice for delta in event.deltas if (choice := self._choice(delta)) is not None]
        if choices:
            tail = b"," + _encode(self._held)[1:] if self._held else b"}"
            self._held = {}
            frames += (b"data: ", self._chunk(choices, tail), b"\n\n")

    def _choice(self, delta: Delta) -> WriteChoice | None:
        """None if the delta says nothing but its role, which is said already."""
        finish = delta.finish
        said = WriteDelta(
            content=delta.text,
            refusal=delta.refusal,
            reasoning_content=delta.reasoning,
            thinking_blocks=delta.thinking,
            tool_calls=[_tool_json(tool) for tool in delta.tools] if delta.tools and not self._functions else None,
            function_call=_function_json(delta.tools) if delta.tools and self._functions else None,
        )
        if finish is None and delta.logprobs is None and said == _NOTHING:
            return None
        if finish == "tool_calls" and self._functions:
            finish = "function_call"
        return WriteChoice(delta.index, said, delta.logprobs, finish, delta.corrected or UNSET)


def _tool_json(tool: ToolDelta) -> Json:
    if tool.id is None and tool.name is None:
        return {"index": tool.index, "function": {"arguments": tool.arguments}}
    named = {"name": tool.name, "arguments": tool.arguments}
    return {"index": tool.index, "id": tool.id, "type": "function", "function": named}


def _function_json(tools: tuple[ToolDelta, ...]) -> Json:
    """The piece of the first call; a client of the deprecated form knows no second one."""
    for tool in tools:
        if tool.index == 0:
            return {"name": tool.name, "arguments": tool.arguments} if tool.name else {"arguments": tool.arguments}
    return None


def _without_roles(data: bytes, indexes: set[int]) -> bytes:
    """The chunk without roles that were said already: openai's accumulating helper would join the two."""
    chunk = msgspec.json.decode(data)
    for choice in chunk["choices"]:
        if choice.get("index", 0) in indexes and isinstance(choice.get("delta"), dict):
            choice["delta"].pop("role", None)
    return _encode(chunk)

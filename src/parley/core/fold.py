"""Folds a stream of events into a whole reply, and unfolds a whole reply into the events of a stream.

Folding costs little per event: pieces are collected in lists and joined once, at the end.
"""

import msgspec
from msgspec import structs

from parley.core.reply import Choice, Delta, Event, Json, Notes, Reply, ToolCall, ToolDelta, Usage


class _Tool:
    """A tool call as it grows."""

    __slots__ = ("arguments", "id", "name")

    def __init__(self) -> None:
        self.id: str | None = None
        self.name: str | None = None
        self.arguments: list[str] = []


class _Growing:
    """A choice as it grows."""

    __slots__ = ("corrected", "finish", "logprobs", "reasoning", "refusal", "text", "thinking", "tools")

    def __init__(self) -> None:
        self.text: list[str] = []
        self.refusal: list[str] = []
        self.reasoning: list[str] = []
        self.thinking: list[Json] = []
        self.tools: dict[int, _Tool] = {}
        self.logprobs: list[Json] = []
        self.finish: str | None = None
        self.corrected = False

    def add(self, delta: Delta) -> None:
        if delta.text is not None:
            self.text.append(delta.text)
        if delta.tools:
            self._add_tools(delta.tools)
        if delta.reasoning is not None:
            self.reasoning.append(delta.reasoning)
        if delta.refusal is not None:
            self.refusal.append(delta.refusal)
        if delta.thinking:
            self.thinking += delta.thinking
        if delta.logprobs is not None:
            self.logprobs.append(delta.logprobs)
        if delta.finish is not None:
            self.finish = delta.finish
        if delta.corrected:
            self.corrected = True

    def _add_tools(self, pieces: tuple[ToolDelta, ...]) -> None:
        for piece in pieces:
            tool = self.tools.get(piece.index)
            if tool is None:
                tool = self.tools[piece.index] = _Tool()
            tool.id = tool.id or piece.id
            tool.name = tool.name or piece.name
            if piece.arguments:
                tool.arguments.append(piece.arguments)

    def whole(self, index: int) -> Choice:
        tools = [
            ToolCall(id=tool.id or f"call_{place}", name=tool.name or "", arguments="".join(tool.arguments))
            for place, tool in sorted(self.tools.items())
        ]
        return Choice(
            index=index,
            text=_joined(self.text),
            refusal=_joined(self.refusal),
            reasoning=_joined(self.reasoning),
            thinking=tuple(self.thinking),
            tools=tuple(tools),
            logprobs=join_logprobs(self.logprobs),
            finish=self.finish,
            corrected=self.corrected,
        )


class Fold:
    """Collects events; `reply` gives what they amount to so far."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.notes: Notes | None = None
        self._choices: dict[int, _Growing] = {}

    def add(self, event: Event) -> None:
        """Takes one event in; the last usage counts, the first id and model."""
        for delta in event.deltas:
            choice = self._choices.get(delta.index)
            if choice is None:
                choice = self._choices[delta.index] = _Growing()
            choice.add(delta)
        if event.usage is not None:
            self.usage = event.usage
        if event.notes is not None:
            self.notes = {**(self.notes or {}), **event.notes}
        if self.id is None:
            self.id = event.id
            self.model = event.model or self.model

    def reply(self, *, id: str, model: str, created: int) -> Reply:
        """The whole reply, without `raw`; `id` and `model` stand in where no event named them."""
        return Reply(
            id=self.id or id,
            model=self.model or model,
            created=created,
            choices=tuple([growing.whole(index) for index, growing in sorted(self._choices.items())]),
            usage=self.usage,
            notes=self.notes,
        )


def _joined(pieces: list[str]) -> str | None:
    return "".join(pieces) if pieces else None


def join_logprobs(pieces: list[Json]) -> Json:
    """The log-probabilities of all pieces as one object: lists are joined, other members are the last that was said."""
    if len(pieces) < 2:
        return pieces[0] if pieces else None
    joined: dict[str, Json] = {}
    for piece in pieces:
        if not isinstance(piece, dict):
            return piece
        for name, value in piece.items():
            before = joined.get(name)
            joined[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return joined


def unfold(reply: Reply) -> list[Event]:
    """The reply as a stream: the role, what was said, the end of each choice, then the usage."""
    events = [_event(reply, Delta(index=choice.index, role="assistant")) for choice in reply.choices]
    for choice in reply.choices:
        said = Delta(
            index=choice.index,
            text=choice.text,
            refusal=choice.refusal,
            reasoning=choice.reasoning,
            thinking=choice.thinking,
            tools=tuple(
                ToolDelta(index=place, id=call.id, name=call.name, arguments=call.arguments)
                for place, call in enumerate(choice.tools)
            ),
            logprobs=choice.logprobs,
            corrected=choice.corrected,
        )
        events.append(_event(reply, said))
        events.append(_event(reply, Delta(index=choice.index, finish=choice.finish or "stop")))
    if reply.notes is not None and events:
        events[-1] = structs.replace(events[-1], notes=reply.notes)
    if reply.usage is not None:
        events.append(Event(usage=reply.usage, id=reply.id, model=reply.model))
    return events


def _event(reply: Reply, delta: Delta) -> Event:
    return Event(deltas=(delta,), id=reply.id, model=reply.model)


def answer_json(reply: Reply) -> bytes:
    """The answer as the ledger keeps it: the assistant's message, or a list of them if there were several."""
    messages = [_message(choice) for choice in reply.choices]
    return msgspec.json.encode(messages[0] if len(messages) == 1 else messages)


def _message(choice: Choice) -> dict[str, Json]:
    message: dict[str, Json] = {"role": "assistant", "content": choice.text}
    if choice.refusal is not None:
        message["refusal"] = choice.refusal
    if choice.reasoning is not None:
        message["reasoning_content"] = choice.reasoning
    if choice.tools:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in choice.tools
        ]
    return message

"""Puts text into a conversation's system message; there is one, at the beginning, as chat templates want it."""

from parley.core.asks import Json, Message
from parley.memory.window import STAYS


def with_instructions(messages: list[Message], instructions: str) -> list[Message]:
    """The messages under `instructions`, which stand before what a system message says already."""
    return _joined(messages, instructions, first=True)


def with_note(messages: list[Message], note: str) -> list[Message]:
    """The messages with `note` after what the system message says."""
    return _joined(messages, note, first=False)


def _joined(messages: list[Message], text: str, *, first: bool) -> list[Message]:
    if not messages or messages[0].get("role") not in STAYS:
        return [{"role": "system", "content": text}, *messages]
    head = messages[0]
    return [{**head, "content": _content(head.get("content"), text, first=first)}, *messages[1:]]


def _content(said: Json, text: str, *, first: bool) -> Json:
    if isinstance(said, list):
        part = {"type": "text", "text": text}
        return [part, *said] if first else [*said, part]
    if not said:
        return text
    return f"{text}\n\n{said}" if first else f"{said}\n\n{text}"

"""Messages as text, and text as data: what is quoted in a prompt can not end its own quotation."""

import re

import msgspec

from parley.core.asks import Message
from parley.core.tokens import parts_of

MARKS = ("user_memories", "conversation_summary")
"""The elements in which Parley puts what it remembers."""

_OURS = re.compile(rf"<({'|'.join(MARKS)})\b[^>]*>.*?(</\1>|\Z)", re.DOTALL)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def readable(message: Message) -> str:
    """What a message says: its texts, the names of what else it holds, and its tool calls as JSON."""
    content = message.get("content")
    said = [content] if isinstance(content, str) else [_part(part) for part in parts_of(message)]
    if message.get("tool_calls"):
        said.append(f"(calls tools: {msgspec.json.encode(message['tool_calls']).decode()})")
    return " ".join(said)


def texts(message: Message) -> str:
    """The texts of a message and nothing else, without anything that Parley itself put there."""
    content = message.get("content")
    said = content if isinstance(content, str) else "\n".join(_text(part) for part in parts_of(message))
    return without_ours(said).strip()


def without_ours(text: str) -> str:
    """`text` without the memories and summaries that a client may have copied from an earlier prompt."""
    return _OURS.sub(" ", text) if "<" in text else text


def plain(text: str) -> str:
    """`text` as data: no invisible characters, and no angle bracket that could open or close an element."""
    return _INVISIBLE.sub("", text).replace("<", "‹").replace(">", "›")


def line(text: str) -> str:
    """`text` as data on one line."""
    return " ".join(plain(text).split())


def _part(part: dict[str, object]) -> str:
    return _text(part) or f"({part.get('type')})"


def _text(part: dict[str, object]) -> str:
    text = part.get("text")
    return text if part.get("type") == "text" and isinstance(text, str) else ""

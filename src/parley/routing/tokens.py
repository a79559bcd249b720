"""Says what is in an ask, and whether a target's context can hold it, by `core/tokens.py`'s estimate.

A target is skipped only where even three quarters of the estimate do not fit: a wrong skip loses a good target, a wrong
try costs one refusal that the plan can fall back from.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from parley.core.asks import Ask, Chat, Json, Message, TextCompletion
from parley.core.route import Target
from parley.core.tokens import message_tokens, parts_of, text_tokens

SURE = 0.75
"""The part of an estimate that is there for certain."""

KIND_OF_PART = {
    "text": "text",
    "image_url": "image",
    "image": "image",
    "input_image": "image",
    "input_audio": "audio",
    "file": "file",
}

Price = Callable[[Target, int, int], float | None]
"""US dollars for a target's prompt and answer tokens; `None`: the price is not known."""


def prompt_tokens(ask: Ask) -> int:
    """The tokens of everything that is asked, tools included, estimated."""
    if isinstance(ask, Chat):
        tools = (
            text_tokens(msgspec.json.encode([ask.tools, ask.functions]).decode()) if ask.tools or ask.functions else 0
        )
        return sum(message_tokens(message) for message in ask.messages) + tools
    return _texts(ask.prompt if isinstance(ask, TextCompletion) else ask.input)


def kinds_of(ask: Ask) -> frozenset[str]:
    """What is in an ask: `text`, `image`, `audio`, `file`, `tools`."""
    if not isinstance(ask, Chat):
        return frozenset({"text"})
    kinds = {KIND_OF_PART.get(str(part.get("type")), "text") for part in _parts(ask.messages)}
    if any(isinstance(message.get("content"), str) for message in ask.messages):
        kinds.add("text")
    if ask.tools or ask.functions:
        kinds.add("tools")
    return frozenset(kinds)


def fits(context: int | None, prompt: int, output: int) -> bool:
    """Whether a context of so many tokens may hold the estimated prompt and the answer; unknown ones always may."""
    return context is None or prompt * SURE + output <= context


def _texts(given: Any) -> int:
    if isinstance(given, str):
        return text_tokens(given)
    return sum(1 if isinstance(one, int) else _texts(one) for one in given)


def _parts(messages: Iterable[Message]) -> Iterator[dict[str, Json]]:
    for message in messages:
        yield from parts_of(message)

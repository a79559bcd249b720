"""Estimates a prompt's tokens without a tokenizer, and says whether a target's context can hold it.

Four ASCII characters, or three bytes of anything else, count as one token; each message adds 4, a picture 800,
audio and files 1,000 each. Against the byte-pair vocabularies in use in 2026 that
is within a quarter for prose in European languages, Chinese and Japanese; source code, digits and minified JSON have
up to 1.5 times as many tokens as estimated. So a target is skipped only where even three quarters of the estimate do
not fit: a wrong skip loses a good target, a wrong try costs one refusal that the plan can fall back from.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from parley.core.asks import Ask, Chat, Json, TextCompletion
from parley.core.route import Target

PER_MESSAGE = 4
PER_PART = {"image_url": 800, "image": 800, "input_image": 800, "input_audio": 1000, "file": 1000}
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


def text_tokens(text: str) -> int:
    """The tokens of a text, estimated."""
    if text.isascii():
        return (len(text) + 3) // 4
    size = len(text.encode("utf-8", "replace"))
    wide = sum(1 for c in text if c > "\x7f")
    plain = len(text) - wide
    return (plain + 3) // 4 + (size - plain + 2) // 3


def prompt_tokens(ask: Ask) -> int:
    """The tokens of everything that is asked, tools included, estimated."""
    if isinstance(ask, Chat):
        tools = (
            text_tokens(msgspec.json.encode([ask.tools, ask.functions]).decode()) if ask.tools or ask.functions else 0
        )
        return sum(_message(message) for message in ask.messages) + tools
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


def worst_cost(price: Price, target: Target, prompt: int, output: int) -> float | None:
    """What a call costs at most, as far as the estimate holds: US dollars, or `None` where no price is known."""
    return price(target, prompt, output)


def _message(message: dict[str, Json]) -> int:
    content = message.get("content")
    words = text_tokens(content) if isinstance(content, str) else sum(_part(part) for part in _listed(content))
    calls = message.get("tool_calls")
    return PER_MESSAGE + words + (text_tokens(msgspec.json.encode(calls).decode()) if calls else 0)


def _part(part: dict[str, Json]) -> int:
    kind = str(part.get("type"))
    if kind in PER_PART:
        return PER_PART[kind]
    text = part.get("text")
    return text_tokens(text) if isinstance(text, str) else text_tokens(msgspec.json.encode(part).decode())


def _texts(given: Any) -> int:
    if isinstance(given, str):
        return text_tokens(given)
    return sum(1 if isinstance(one, int) else _texts(one) for one in given)


def _parts(messages: Iterable[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for message in messages:
        yield from _listed(message.get("content"))


def _listed(content: Json) -> list[dict[str, Json]]:
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []

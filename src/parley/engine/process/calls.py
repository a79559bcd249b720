"""Finds tool calls in what a model writes, as it writes it: `feed` and `flush`, no I/O."""

import json
import re
import secrets
from typing import Any, Protocol

from parley.engine.process.tools import Offer

OPEN, CLOSE = "<tool_call>", "</tool_call>"
"""How Hermes, Qwen and their kin mark a call in free text."""
HEAD = re.compile(r'\{"name":("(?:[^"\\]|\\.)*"),"arguments":')

Piece = str | dict[str, Any]
"""Text, or a delta of `tool_calls` in OpenAI's shape."""


class Scanner(Protocol):
    """Splits one choice's text into text and calls."""

    calls: int

    def feed(self, text: str) -> list[Piece]:
        """What is certain after some more text."""

    def flush(self) -> list[Piece]:
        """What is left at the end."""


def scanner_of(offer: Offer) -> Scanner:
    """The scanner that an offer needs."""
    if offer.how == "must":
        return ForcedCalls()
    return TaggedCalls(offer.functions) if offer.how == "may" else NoCalls()


def opening(index: int, name: str, arguments: str = "") -> dict[str, Any]:
    """The first delta of a call."""
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": f"call_{secrets.token_hex(12)}", "type": "function", "function": function}


class NoCalls:
    """All is text."""

    calls = 0

    def feed(self, text: str) -> list[Piece]:
        """The text."""
        return [text] if text else []

    def flush(self) -> list[Piece]:
        """Nothing."""
        return []


class ForcedCalls:
    """The text is compact JSON, one call or a list of calls; arguments are passed on as they come."""

    def __init__(self) -> None:
        self.calls = 0
        self._head = ""  # what may become the head of the next call
        self._depth = 0  # of the arguments; 0 is outside
        self._inside = False  # within the arguments
        self._string = self._escaped = False

    def feed(self, text: str) -> list[Piece]:
        """Openings of calls, and pieces of their arguments."""
        pieces: list[Piece] = []
        while text:
            if self._inside:
                end = self._end(text)
                pieces.append({"index": self.calls - 1, "function": {"arguments": text[:end]}})
                text = text[end:]
                continue
            self._head, text = self._head + text, ""
            if found := HEAD.search(self._head):
                pieces.append(opening(self.calls, json.loads(found[1])))
                self.calls += 1
                self._inside, self._depth = True, 0
                text, self._head = self._head[found.end() :], ""
        return pieces

    def flush(self) -> list[Piece]:
        """Nothing: a cut call stays as it is."""
        return []

    def _end(self, text: str) -> int:
        """How much of the text belongs to the arguments."""
        for at, letter in enumerate(text):
            if self._escaped:
                self._escaped = False
            elif self._string:
                self._escaped, self._string = letter == "\\", letter != '"'
            elif letter == '"':
                self._string = True
            elif letter in "{[":
                self._depth += 1
            elif letter in "}]":
                self._depth -= 1
                if self._depth == 0:
                    self._inside = False
                    return at + 1
        return len(text)


class TaggedCalls:
    """Free text in which calls stand between tags; what is no call of an offered function stays text."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self.calls = 0
        self._functions = functions
        self._held = ""

    def feed(self, text: str) -> list[Piece]:
        """Text up to where a tag may begin, and whole calls."""
        self._held += text
        pieces: list[Piece] = []
        while (start := self._held.find(OPEN)) >= 0:
            end = self._held.find(CLOSE, start)
            if end < 0:
                break
            pieces += self._text(self._held[:start]) + self._call(self._held[start : end + len(CLOSE)])
            self._held = self._held[end + len(CLOSE) :]
        certain = start if start >= 0 else len(self._held) - overlap(self._held, OPEN)
        pieces += self._text(self._held[:certain])
        self._held = self._held[certain:]
        return pieces

    def flush(self) -> list[Piece]:
        """A call whose end the model left out, or text that looked like the beginning of one."""
        held, self._held = self._held, ""
        return self._call(held) if held.startswith(OPEN) else self._text(held)

    def _text(self, text: str) -> list[Piece]:
        return [] if not text or (self.calls and text.isspace()) else [text]

    def _call(self, written: str) -> list[Piece]:
        try:
            call = json.loads(written.removeprefix(OPEN).removesuffix(CLOSE))
            name, arguments = call["name"], call.get("arguments", {})
        except (ValueError, TypeError, KeyError, AttributeError):
            return [written]
        if name not in self._functions:
            return [written]
        self.calls += 1
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        return [opening(self.calls - 1, name, text)]


def overlap(text: str, tag: str) -> int:
    """How many letters at the end of the text begin the tag."""
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:size])), 0)

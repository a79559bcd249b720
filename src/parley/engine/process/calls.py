"""Finds tool calls in what a model writes, as it writes it: `feed` and `flush`, no I/O."""

import json
import re
import secrets
from typing import Any, Protocol

from parley.engine.process.tools import CLOSE, OPEN, Offer

HEAD = re.compile(r'\{"name": ?("(?:[^"\\]|\\.)*"), ?"arguments": ?(?=\{)')

Piece = str | dict[str, Any]
"""Text, or a delta of `tool_calls` in OpenAI's shape."""


class Scanner(Protocol):
    """Splits one choice's text into text and calls."""

    @property
    def calls(self) -> int:
        """How many calls have begun."""

    @property
    def whole(self) -> bool:
        """Whether no call is cut."""

    def feed(self, text: str) -> list[Piece]:
        """What is certain after some more text."""

    def flush(self) -> list[Piece]:
        """What is left at the end."""


def scanner_of(offer: Offer) -> Scanner:
    """The scanner that an offer needs."""
    if offer.how == "must":
        return ForcedCalls()
    return TaggedCalls() if offer.how == "may" else NoCalls()


def opening(index: int, name: str, arguments: str = "") -> dict[str, Any]:
    """The first delta of a call."""
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": f"call_{secrets.token_hex(12)}", "type": "function", "function": function}


class NoCalls:
    """All is text."""

    calls = 0
    whole = True

    def feed(self, text: str) -> list[Piece]:
        """The text."""
        return [text] if text else []

    def flush(self) -> list[Piece]:
        """Nothing."""
        return []


class ForcedCalls:
    """The text is JSON, one call or a list of calls; arguments are passed on as they come."""

    def __init__(self) -> None:
        self.calls = 0
        self.whole = True
        self._head = ""  # what may become the head of the next call
        self._depth = 0  # of the arguments
        self._string = self._escaped = False

    def feed(self, text: str) -> list[Piece]:
        """Openings of calls, and pieces of their arguments."""
        pieces: list[Piece] = []
        while text:
            found, text = self.step(text)
            pieces += found
        return pieces

    def step(self, text: str) -> tuple[list[Piece], str]:
        """What the text says up to the end of a call, and the text after it."""
        if not self.whole:
            end = self._end(text)
            return [{"index": self.calls - 1, "function": {"arguments": text[:end]}}], text[end:]
        self._head += text
        if (found := HEAD.search(self._head)) is None:
            return [], ""
        self.calls += 1
        self.whole, self._depth = False, 0
        rest, self._head = self._head[found.end() :], ""
        return [opening(self.calls - 1, json.loads(found[1]))], rest

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
                    self.whole = True
                    return at + 1
        return len(text)


class TaggedCalls:
    """Free text in which calls stand between tags; the grammar sees to it that nothing else stands there."""

    def __init__(self) -> None:
        self._found = ForcedCalls()
        self._held = self._blank = ""
        self._place = "text"
        self._steps = {"text": self._text, "call": self._call, "end": self._end}

    @property
    def calls(self) -> int:
        """How many calls have begun."""
        return self._found.calls

    @property
    def whole(self) -> bool:
        """Whether no call is cut."""
        return self._place == "text" and self._found.whole

    def feed(self, text: str) -> list[Piece]:
        """Text up to where a tag may begin, and calls with their arguments as they come."""
        self._held += text
        pieces: list[Piece] = []
        while self._held:
            before = (self._place, self._held, self._found.whole)
            pieces += self._steps[self._place]()
            if (self._place, self._held, self._found.whole) == before:
                break
        return pieces

    def flush(self) -> list[Piece]:
        """Text that looked like the beginning of a tag; a call that was cut before it had a name is not told."""
        held, self._held = self._held, ""
        return self._said(held) if self._place == "text" else []

    def _text(self) -> list[Piece]:
        """Outside: text, up to where a call begins."""
        before, tag, after = self._held.partition(OPEN)
        if tag:
            self._place, self._held = "call", after
            pieces, self._blank = self._said(before), ""
            return pieces
        certain = len(before) - overlap(before, OPEN)
        self._held = before[certain:]
        return self._said(before[:certain])

    def _call(self) -> list[Piece]:
        """Between the tags, up to the end of the arguments."""
        begun = not self._found.whole
        pieces, self._held = self._found.step(self._held)
        if begun and self._found.whole:
            self._place = "end"
        return pieces

    def _end(self) -> list[Piece]:
        """After the arguments, up to the closing tag."""
        _, tag, after = self._held.partition(CLOSE)
        if tag:
            self._place, self._held = "text", after
        else:
            self._held = self._held[len(self._held) - overlap(self._held, CLOSE) :]
        return []

    def _said(self, text: str) -> list[Piece]:
        """Text; blanks after a call wait until more than blanks follows."""
        text = self._blank + text
        self._blank = text if self.calls and text.isspace() else ""
        return [text] if text and not self._blank else []


def overlap(text: str, tag: str) -> int:
    """How many letters at the end of the text begin the tag."""
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:size])), 0)

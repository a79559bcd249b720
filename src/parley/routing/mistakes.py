"""Collects what is wrong with a config, each with its place, instead of stopping at the first."""

import difflib
from collections.abc import Iterable

from msgspec import Struct

MOST = 50
"""Mistakes that are told; whoever reads fifty has enough to do."""


class Mistake(Struct, frozen=True):
    """`place` is a path such as `strategy.conditions[2].then`, empty for the whole; `sentence` says what to do."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class Mistakes:
    """The mistakes found so far."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, place: str, sentence: str) -> None:
        """Notes that what stands at `place` is wrong."""
        if len(self.found) < MOST:
            self.found.append(Mistake(place, sentence))


def under(place: str, key: str) -> str:
    """The place of `key` inside `place`."""
    return f"{place}.{key}" if place else key


def guess(name: str, there: Iterable[str]) -> str:
    """`Did you mean ...?` with a space before it, or nothing; then what there is."""
    known = sorted(there)
    near = difflib.get_close_matches(name, known, 1)
    mean = f" Did you mean `{near[0]}`?" if near else ""
    return f"{mean} There is: {', '.join(known[:20]) or 'none'}{', ...' if len(known) > 20 else ''}."


def clipped(value: object) -> str:
    """A value as a mistake may show it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

"""What a kind of sentinel is made of: findings, checks, mends, and how they treat a text that still grows."""

from collections.abc import Callable

from msgspec import Struct

from parley.evaluation.look import Look
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import FAULT, NA, PASS, Span, Status


class Finding(Struct, frozen=True):
    """What a check found: a status, one sentence, the places in the text, and what the text should be instead."""

    status: Status
    description: str
    spans: tuple[Span, ...] = ()
    correction: str | None = None


Check = Callable[[Look], Finding]
"""Looks at an answer; microseconds, never waits. May raise ValueError: then it could not judge."""

Mend = Callable[[Subject], Subject | None]
"""Puts a fault right without a model; None where it can not. May take milliseconds."""


class Instrument(Struct, frozen=True, kw_only=True):
    """A kind, set up for one sentinel.

    `mend` puts its faults right; `redacts` is put in place of the spans of a finding instead. `grows`: the check means
    something for a text that is not complete, and a fault of such a text is a fault of the whole. `whole`: it does
    so only if it sees the text from its beginning.
    """

    check: Check
    mend: Mend | None = None
    redacts: str | None = None
    grows: bool = False
    whole: bool = False


class Wrong(Exception):
    """A value in a sentinel's configuration that can not be: its key and what is the matter."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key = key
        self.what = what


def fine(description: str) -> Finding:
    """The answer is as it should be."""
    return Finding(PASS, description)


def fault(description: str, spans: tuple[Span, ...] = (), correction: str | None = None) -> Finding:
    """The answer is at fault."""
    return Finding(FAULT, description, spans, correction)


def beside(description: str) -> Finding:
    """The sentinel has nothing to say about this answer."""
    return Finding(NA, description)


MOST_SPANS = 100
"""Places that one finding tells."""

LONGEST_QUOTE = 60


def quoted(text: str) -> str:
    """A piece of text as a sentence shows it: short, on one line."""
    line = " ".join(text[: LONGEST_QUOTE * 2].split())
    return f'"{line[:LONGEST_QUOTE]}..."' if len(line) > LONGEST_QUOTE else f'"{line}"'


def listed(things: list[str], most: int = 5) -> str:
    """Several things as a sentence shows them."""
    shown = ", ".join(things[:most])
    return f"{shown} and {len(things) - most} more" if len(things) > most else shown

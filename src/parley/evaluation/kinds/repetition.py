"""The kind `repetition`: a loop, the same words again and again, as models fall into them."""

from collections import Counter
from typing import Annotated

from msgspec import Meta, Struct

from parley.evaluation.check import Finding, Instrument, fault, fine, quoted
from parley.evaluation.look import Look
from parley.evaluation.subject import Subject, with_text
from parley.evaluation.verdict import Span

STEP = 160
"""Characters between two places where a loop is looked for; a loop that is at least `STEP + PROBE` long is met."""

PROBE = 24
LONGEST_UNIT = 1200
SHORTEST = 60
"""Characters that a loop has at least; "ha ha ha ha" is none."""

LONG_LINE = 24
"""Characters of a line or sentence that is not repeated without a reason."""


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`times`: how often the same may stand; once more is a fault."""

    times: Annotated[int, Meta(ge=1, le=100)] = 3


def make(options: Options) -> Instrument:
    """Faults for a loop; mended by keeping the first of its turns where it reaches the answer's end."""
    times = options.times

    def check(look: Look) -> Finding:
        if found := loop_in(look.text, times):
            start, end, size = found
            what = quoted(look.text[start : start + size].strip())
            return fault(f"{what} stands {(end - start) // size} times in a row.", ((start, end),))
        if line := _repeated_line(look.text, times):
            return fault(f"{quoted(line)} stands more than {times} times.")
        return fine("Nothing is repeated without end.")

    def mend(subject: Subject) -> Subject | None:
        found = loop_in(subject.text, times)
        if not found:
            return None
        start, end, size = found
        rest = subject.text[end:]
        unit = subject.text[start : start + size]
        if len(rest) >= size or not unit.startswith(rest):
            return None  # something else follows: whether it makes sense without the loop, only a model can say
        return with_text(subject, subject.text[: start + size].rstrip())

    return Instrument(check=check, mend=mend, grows=True)


def loop_in(text: str, times: int) -> tuple[int, int, int] | None:
    """The first loop that has more than `times` turns: where it starts, where it ends, and the size of a turn."""
    for place in _probes(len(text)):
        probe = text[place : place + PROBE]
        again = text.find(probe, place + 1, place + LONGEST_UNIT + PROBE)
        if again < 0 or not any(c.isalnum() for c in text[place:again]):
            continue
        start, end = _extent(text, place, again - place)
        size = again - place
        if end - start > size * times and end - start >= SHORTEST:
            return start, start + (end - start) // size * size, size
    return None


def _probes(length: int) -> list[int]:
    last = length - PROBE * 2
    return [*range(0, last, STEP), last] if last > 0 else []


def _extent(text: str, place: int, size: int) -> Span:
    """How far the text goes on, to both sides of `place`, being the same as `size` characters later."""
    unit = text[place : place + size]
    end = place + size
    while text.startswith(unit, end):
        end += size
    while end < len(text) and text[end] == text[end - size]:
        end += 1
    start = place
    while start >= size and text.startswith(unit, start - size):
        start -= size
    while start > 0 and text[start - 1] == text[start - 1 + size]:
        start -= 1
    return start, end


def _repeated_line(text: str, times: int) -> str:
    """A long line or sentence that stands more than `times` times anywhere."""
    pieces = [line for line in text.replace(". ", "\n").split("\n") if len(line) >= LONG_LINE]
    if len(pieces) <= times or len(pieces) - len(set(pieces)) < times:
        return ""
    said, often = Counter(piece.strip() for piece in pieces).most_common(1)[0]
    return said if often > times and any(c.isalpha() for c in said) else ""

"""Puts an answer right without a model: what must not stand is redacted, then each kind mends what it can."""

from msgspec import Struct

from parley.core.reply import ToolCall
from parley.evaluation.sentinel import Sentinel
from parley.evaluation.subject import Subject, with_text
from parley.evaluation.verdict import Span, Verdict, faults

LAST = ("length",)
"""Kinds that mend after all others: what others leave is what counts."""


class Mended(Struct, frozen=True, kw_only=True):
    """An answer that was put right without a model; `by` names the sentinels that changed it."""

    text: str
    tools: tuple[ToolCall, ...] = ()
    by: tuple[str, ...] = ()


def mend(subject: Subject, verdicts: tuple[Verdict, ...], sentinels: dict[str, Sentinel]) -> Mended | None:
    """The answer with what can be put right; None where nothing can.

    Faults of sentinels with a `correction` of their own are left to the model.
    """
    found = [(verdict, sentinels[verdict.sentinel]) for verdict in faults(verdicts) if verdict.sentinel in sentinels]
    mendable = [(v, s) for v, s in found if s.instrument is not None and s.correction is None]
    now, by = redacted(subject, mendable)
    for verdict, sentinel in sorted(mendable, key=lambda pair: pair[1].kind in LAST):
        instrument = sentinel.instrument
        if instrument is not None and instrument.mend is not None and (better := instrument.mend(now)) is not None:
            now = better
            by.append(verdict.sentinel)
    if not by or (now.text, now.tools) == (subject.text, subject.tools):
        return None
    return Mended(text=now.text, tools=now.tools, by=tuple(by))


def redacted(subject: Subject, found: list[tuple[Verdict, Sentinel]]) -> tuple[Subject, list[str]]:
    """The subject without the places that redacting kinds found, and the names of their sentinels."""
    places: list[tuple[Span, str]] = []
    by = []
    for verdict, sentinel in found:
        word = sentinel.instrument.redacts if sentinel.instrument else None
        spans = [span for span in verdict.spans if span[1] <= len(subject.text)]
        if word is not None and spans:
            places += [(span, word) for span in spans]
            by.append(verdict.sentinel)
    if not places:
        return subject, by
    pieces, at = [], 0
    for (start, end), word in sorted(places):
        if start < at:  # it overlaps what was redacted before
            at = max(at, end)
            continue
        pieces += [subject.text[at:start], word]
        at = end
    return with_text(subject, "".join([*pieces, subject.text[at:]])), by

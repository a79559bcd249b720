"""The kind `length`: how long an answer may and must be."""

from collections.abc import Callable
from typing import Annotated, Literal

from msgspec import Meta, Struct

from parley.core.tokens import text_tokens
from parley.evaluation.check import Finding, Instrument, Wrong, beside, fault, fine
from parley.evaluation.look import Look
from parley.evaluation.sentences import END
from parley.evaluation.subject import Subject, with_text

Bound = Annotated[int, Meta(ge=0, le=10_000_000)]


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`min` and `max`, both inclusive, of `unit`: characters, words or tokens (estimated, without a tokenizer)."""

    min: Bound | None = None
    max: Bound | None = None
    unit: Literal["characters", "words", "tokens"] = "characters"


MEASURES: dict[str, Callable[[Look], int]] = {
    "characters": lambda look: len(look.text),
    "words": lambda look: look.words,
    "tokens": lambda look: text_tokens(look.text),
}


def make(options: Options) -> Instrument:
    """Faults outside of the bounds; what is too long is cut after its last sentence that fits."""
    least, most = options.min, options.max
    if least is None and most is None:
        raise Wrong("max", "is missing: give `min`, `max` or both")
    if least is not None and most is not None and least > most:
        raise Wrong("min", f"is more than `max`: no answer has {least} to {most} {options.unit}")
    measure = MEASURES[options.unit]

    def check(look: Look) -> Finding:
        if look.subject.tools and not look.text:
            return beside("The answer is a tool call.")
        size = measure(look)
        if most is not None and size > most:
            return fault(f"The answer has {size} {options.unit}; {most} are the most.")
        if least is not None and size < least and look.subject.finish is not None:
            return fault(f"The answer has {size} {options.unit}; {least} are the least.")
        return fine(f"The answer has {size} {options.unit}.")

    def mend(subject: Subject) -> Subject | None:
        if most is None or measure(Look(subject)) <= most:
            return None
        shorter = _longest_fit(subject, most, measure)
        if not shorter or (least is not None and measure(Look(with_text(subject, shorter))) < least):
            return None
        return with_text(subject, shorter)

    return Instrument(check=check, mend=mend, grows=most is not None, whole=True)


def _longest_fit(subject: Subject, most: int, measure: Callable[[Look], int]) -> str:
    """The most whole sentences that fit; halving, since measuring takes time."""
    ends = [found.end() for found in END.finditer(subject.text)]
    low, high = 0, len(ends)  # how many sentences are known to fit, and known to be in question
    while low < high:
        middle = (low + high + 1) // 2
        fits = measure(Look(with_text(subject, subject.text[: ends[middle - 1]].rstrip()))) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return subject.text[: ends[low - 1]].rstrip() if low else ""

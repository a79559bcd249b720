"""The kinds `matches` and `never_matches`: a pattern (RE2) that an answer must, or must not, match somewhere."""

from typing import Annotated

from msgspec import Meta, Struct

from parley.evaluation.check import MOST_SPANS, Finding, Instrument, fault, fine, quoted
from parley.evaluation.look import Look
from parley.evaluation.patterns import LONGEST, compiled


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`pattern`: RE2's syntax, searched anywhere in the answer; `^` and `$` are its ends. `ignore_case` as it says."""

    pattern: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    ignore_case: bool = False


def make_matches(options: Options) -> Instrument:
    """Faults where the pattern is not found."""
    pattern = compiled(options.pattern, "pattern", ignore_case=options.ignore_case)

    def check(look: Look) -> Finding:
        if pattern.search(look.text):
            return fine("The answer matches the pattern.")
        return fault(f"The answer does not match {quoted(options.pattern)}.")

    return Instrument(check=check)


def make_never_matches(options: Options) -> Instrument:
    """Faults where the pattern is found; what it matched is redacted."""
    pattern = compiled(options.pattern, "pattern", ignore_case=options.ignore_case)

    def check(look: Look) -> Finding:
        first = pattern.search(look.text)
        if not first:
            return fine("The answer does not match the pattern.")
        spans = []
        for found in pattern.finditer(look.text):
            spans.append(found.span())
            if len(spans) == MOST_SPANS:
                break
        return fault(f"The answer holds {quoted(first.group())}, which the pattern forbids.", tuple(spans))

    return Instrument(check=check, redacts="[redacted]", grows=True)

"""The kind `language`: an answer is written in one of the languages that are allowed."""

from typing import Annotated

from msgspec import Meta, Struct

from parley.evaluation.check import Finding, Instrument, Wrong, beside, fault, fine
from parley.evaluation.languages import KNOWN
from parley.evaluation.look import Look

SURE = 4.0
"""The score that a text which still grows needs: its first sentence may be a greeting in another language."""


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`allow`: languages by their ISO 639-1 codes, such as en; a region after it (en-GB) is not looked at."""

    allow: Annotated[list[str], Meta(min_length=1, max_length=60)]


def make(options: Options) -> Instrument:
    """Faults where the answer is clearly in another language; a few words decide nothing."""
    allowed = frozenset(code.replace("_", "-").partition("-")[0].lower() for code in options.allow)
    for code in sorted(allowed - KNOWN):
        raise Wrong("allow", f"names {code!r}, which can not be told; known are {', '.join(sorted(KNOWN))}")

    def check(look: Look) -> Finding:
        found = look.language
        if found.best is None or (look.subject.finish is None and found.scores[found.best] < SURE):
            return beside("The text is too short to tell its language.")
        if found.could_be(allowed):
            return fine(f"The answer is in {found.best if found.best in allowed else ' or '.join(sorted(allowed))}.")
        return fault(f"The answer is in {found.best}; allowed are {', '.join(sorted(allowed))}.")

    return Instrument(check=check, grows=True)

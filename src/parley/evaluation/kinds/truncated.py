"""The kind `truncated`: the answer is empty, was cut short, or stops in the middle of a code block."""

from msgspec import Struct

from parley.evaluation.check import Finding, Instrument, fault, fine
from parley.evaluation.look import Look

CUT = {
    "length": "The answer was cut at its token limit.",
    "content_filter": "The provider's filter cut the answer.",
}


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kind `truncated` has no keys of its own."""


def make(options: Options) -> Instrument:
    """Faults for an answer without an end, or without anything."""

    def check(look: Look) -> Finding:
        finish = look.subject.finish
        if finish in CUT:
            return fault(CUT[finish])
        if not look.text.strip() and not look.subject.tools and not look.subject.refusal:
            return fault("The answer is empty.")
        if look.text.count("```") % 2:
            return fault("The answer ends inside a code block.")
        return fine("The answer has an end.")

    return Instrument(check=check)

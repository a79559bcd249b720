"""The kinds `excludes` and `contains`: words that an answer must not, or must, hold."""

import re
from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from parley.evaluation.check import MOST_SPANS, Finding, Instrument, fault, fine, listed
from parley.evaluation.look import Look
from parley.evaluation.verdict import Span

Word = Annotated[str, Meta(min_length=1, max_length=200)]


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`words`: what is looked for, as it stands. `case_sensitive`: Guarantee is not guarantee. `whole_words`: promise
    is not found in compromise. `any` (contains): one of the words is enough."""

    words: Annotated[list[Word], Meta(min_length=1, max_length=1000)]
    case_sensitive: bool = False
    whole_words: bool = False
    any: bool = False


Finds = Callable[[str, str], bool]


def make_excludes(options: Options) -> Instrument:
    """Faults where one of the words occurs; its places are redacted."""
    finds, places = _searches(options)
    words = [(word, word if options.case_sensitive else word.casefold()) for word in options.words]

    def check(look: Look) -> Finding:
        text = look.text if options.case_sensitive else look.folded
        found = [word for word, wanted in words if wanted in text and finds(word, look.text)]
        if not found:
            return fine("None of the words occurs.")
        spans = tuple(span for word in found for span in places(word, look.text))[:MOST_SPANS]
        return fault(f"The answer holds {listed([repr(word) for word in found])}.", spans)

    return Instrument(check=check, redacts="[redacted]", grows=True)


def make_contains(options: Options) -> Instrument:
    """Faults where one of the words (with `any`: each of them) is missing."""
    finds, _ = _searches(options)
    words = [(word, word if options.case_sensitive else word.casefold()) for word in options.words]

    def check(look: Look) -> Finding:
        text = look.text if options.case_sensitive else look.folded
        missing = [word for word, wanted in words if not (wanted in text and finds(word, look.text))]
        if not missing or (options.any and len(missing) < len(words)):
            return fine("What must occur does.")
        return fault(f"The answer does not hold {listed([repr(word) for word in missing])}.")

    return Instrument(check=check)


def _searches(options: Options) -> tuple[Finds, Callable[[str, str], list[Span]]]:
    """Whether, and where, a word that occurs as a piece of text occurs as the options want it."""
    flags = 0 if options.case_sensitive else re.IGNORECASE
    edges = (r"(?<!\w)", r"(?!\w)") if options.whole_words else ("", "")
    patterns = {word: re.compile(edges[0] + re.escape(word) + edges[1], flags) for word in options.words}

    def finds(word: str, text: str) -> bool:
        return not options.whole_words or patterns[word].search(text) is not None

    def places(word: str, text: str) -> list[Span]:
        return [found.span() for found in patterns[word].finditer(text)]

    return finds, places

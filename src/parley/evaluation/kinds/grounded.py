"""The kind `grounded`: the numbers and names of an answer occur in what it was given, so it made none up."""

import re
from typing import Literal

from msgspec import Struct

from parley.evaluation.check import MOST_SPANS, Finding, Instrument, beside, fault, fine, listed
from parley.evaluation.languages import guess
from parley.evaluation.look import Look
from parley.evaluation.verdict import Span

NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d+)*")
MARKER = re.compile(r"^[ \t>*_#-]*\(?\d{1,3}[.):]\**(?=\s)", re.MULTILINE)
"""The number of an item in a list, which counts and claims nothing."""

UPPER = "[A-ZÀ-ÖØ-ÞĀ-ſΑ-ΩЀ-Я]"
NAME = re.compile(rf"\b{UPPER}[\w'’&-]*(?: (?:(?:of|de|von|van|der|del|di|la|le|du|the|and|&) )?{UPPER}[\w'’&-]*)*")
WORD = re.compile(r"[^\W_][\w'’&-]*")
STARTS = frozenset('.!?:;\n"“”«»„‘([{*#-–—•|>…`')
"""What stands before a word that is capital because it comes first."""

COMMON_WORDS = """
i i'm i'll i've i'd ok okay yes no january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday mr mrs ms dr the a an and or but if in on at to for of it he
she they we you this that these those here there please note thank thanks dear regards hello hi step steps english
"""
COMMON = frozenset(COMMON_WORDS.split())
CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Languages that write every noun with a capital letter: their names can not be told from other words."""


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`sources`: what the answer may draw on, default both. `numbers`, `names`: what is examined. `allow`: names and
    numbers that need no source."""

    sources: tuple[Literal["context", "messages"], ...] = ("context", "messages")
    numbers: bool = True
    names: bool = True
    allow: list[str] = []


def make(options: Options) -> Instrument:
    """Faults for a number or a name that the sources do not hold."""
    known_words = frozenset(word.casefold() for text in options.allow for word in WORD.findall(text)) | COMMON
    known_numbers = frozenset(plain(found) for text in options.allow for found in NUMBER.findall(text))

    def check(look: Look) -> Finding:
        texts = [look.subject.context] if "context" in options.sources else []
        source = "\n".join([*texts, look.asked] if "messages" in options.sources else texts)
        if not source.strip():
            return beside("There is no source to compare with.")
        spans = _numbers(look.text, source, known_numbers) if options.numbers else []
        if options.names:
            spans += _names(look.text, source, known_words)
        if not spans:
            return fine("Every number and name has a source.")
        made_up = list(dict.fromkeys(look.text[start:end] for start, end in spans))
        return fault(f"Not in the sources: {listed(made_up)}.", tuple(spans[:MOST_SPANS]))

    return Instrument(check=check, grows=True)


def plain(number: str) -> str:
    """A number in one way of writing: 1,234.50, 1.234,50 and 1'234.5 are 1234.5."""
    signs = [c for c in number if not c.isdigit()]
    if not signs:
        return number.lstrip("0") or "0"
    mark = signs[-1]
    head, _, tail = number.rpartition(mark)
    grouping = mark not in ".," or signs.count(mark) > 1 or (len(tail) == 3 and mark == "," and len(head) <= 3)
    digits = "".join(c for c in head if c.isdigit())
    if grouping:
        return (digits + tail).lstrip("0") or "0"
    return ((digits.lstrip("0") or "0") + "." + tail.rstrip("0")).rstrip(".")


def _numbers(text: str, source: str, allowed: frozenset[str]) -> list[Span]:
    found = [(one.group(), one.span()) for one in NUMBER.finditer(text)]
    missing = [(number, span) for number, span in found if number not in source]
    if not missing and all(_alone(number, source) for number, _ in found):
        return []
    known = {plain(number) for number in NUMBER.findall(source)} | allowed
    markers = [one.span() for one in MARKER.finditer(text)]
    return [
        span
        for number, span in found
        if plain(number) not in known and not any(a <= span[0] and span[1] <= b for a, b in markers)
    ]


def _alone(number: str, source: str) -> bool:
    """Whether the first place of a number in the source is not a part of a longer one."""
    place = source.find(number)
    before = source[place - 1 : place] if place else ""
    after = source[place + len(number) : place + len(number) + 1]
    return not before.isdigit() and not after.isdigit() and before not in (".", ",") and after not in (".", ",")


def _names(text: str, source: str, allowed: frozenset[str]) -> list[Span]:
    """Names with a word that the source does not hold in any case."""
    if guess(text).best in CAPITAL_NOUNS:
        return []
    words = {_stem(word) for word in WORD.findall(source.casefold())}
    spans = []
    for found in NAME.finditer(text):
        parts = [(part.group(), found.start() + part.start()) for part in WORD.finditer(found.group())]
        first = _comes_first(text, found.start())
        if first and len(parts) == 1:
            continue
        if first and parts[0][0].casefold() in allowed:
            parts = parts[1:]
        unknown = [part for part, _ in parts if part[0].isupper() and _stem(part.casefold()) not in words | allowed]
        if unknown and not (first and unknown == [parts[0][0]]):
            spans.append((parts[0][1], found.end()))
    return spans


def _stem(word: str) -> str:
    return word.removesuffix("'s").removesuffix("’s").rstrip("'’-")


def _comes_first(text: str, place: int) -> bool:
    before = text[max(0, place - 4) : place].rstrip(" \t")
    return not before or before[-1] in STARTS or (before[-1] == ")" and before[-2:-1].isdigit())

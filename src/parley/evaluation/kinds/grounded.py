"""The kind `grounded`: the numbers and names of an answer occur in what it was given, so it made none up."""

import re
from typing import Literal

from msgspec import Struct

from parley.evaluation.check import MOST_SPANS, Finding, Instrument, beside, fault, fine, listed
from parley.evaluation.look import Look
from parley.evaluation.verdict import Span

NUMBER = re.compile(r"[0-9]+(?:[.,'\u00a0\u202f][0-9]+)*")
MARKER = re.compile(r"[ \t>*_#-]{0,40}\(?\d{1,3}[.):]\**(?=\s)")
"""The number of an item in a list, which counts and claims nothing."""

LONGEST_INDENT = 40

UPPER = "[A-ZÀ-ÖØ-ÞĀ-ſΑ-ΩЀ-Я]"
NAME = re.compile(rf"{UPPER}[\w'’&-]*(?: (?:(?:of|de|von|van|der|del|di|la|le|du|the|and|&) )?{UPPER}[\w'’&-]*)*")
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
        if options.names and look.language.best not in CAPITAL_NOUNS:
            spans += _names(look.text, source, known_words)
        if not spans:
            return fine("Every number and name has a source.")
        made_up = list(dict.fromkeys(look.text[start:end] for start, end in spans))
        return fault(f"Not in the sources: {listed(made_up)}.", tuple(spans[:MOST_SPANS]))

    return Instrument(check=check, grows=True)


def plain(number: str) -> str:
    """A number in one way of writing: 1,234.50, 1.234,50 and 1'234.5 are 1234.5."""
    if number.isdigit():
        return number.lstrip("0") or "0"
    signs = [c for c in number if not c.isdigit()]
    mark = signs[-1]
    head, _, tail = number.rpartition(mark)
    grouping = mark not in ".," or signs.count(mark) > 1 or (len(tail) == 3 and mark == "," and len(head) <= 3)
    digits = "".join(c for c in head if c.isdigit())
    if grouping:
        return (digits + tail).lstrip("0") or "0"
    return ((digits.lstrip("0") or "0") + "." + tail.rstrip("0")).rstrip(".")


def _numbers(text: str, source: str, allowed: frozenset[str]) -> list[Span]:
    """Numbers that the source does not hold in any way of writing; markers of a list claim nothing."""
    found = list(NUMBER.finditer(text))
    if not found:
        return []
    written = frozenset(NUMBER.findall(source))
    missing = [one for one in found if one.group() not in written]
    if not missing:
        return []
    known = {plain(number) for number in written} | allowed
    return [one.span() for one in missing if plain(one.group()) not in known and not _marks(text, one.span())]


def _marks(text: str, number: Span) -> bool:
    """Whether a number is the marker of an item: it comes first in its line."""
    line = text.rfind("\n", max(0, number[0] - LONGEST_INDENT), number[0]) + 1
    found = MARKER.match(text, line) if line or number[0] < LONGEST_INDENT else None
    return found is not None and number[1] <= found.end()


def _names(text: str, source: str, allowed: frozenset[str]) -> list[Span]:
    """Names with a word that the source does not hold in any case."""
    folded = source.casefold()
    known: dict[str, bool] = {}
    held: set[str] = set()  # names that were met before
    spans = []
    for found in NAME.finditer(text):
        whole = found.group()
        if whole in held or (found.start() and text[found.start() - 1].isalnum()):
            continue
        parts = [(part.group(), found.start() + part.start()) for part in WORD.finditer(whole)]
        unknown = [part for part, _ in parts if part[0].isupper() and not _held(part, folded, allowed, known)]
        if not unknown:
            held.add(whole)
            continue
        if _comes_first(text, found.start()):
            if unknown == [parts[0][0]]:
                continue
            if parts[0][0].casefold() in allowed:
                parts = parts[1:]
        spans.append((parts[0][1], found.end()))
    return spans


def _held(word: str, folded: str, allowed: frozenset[str], known: dict[str, bool]) -> bool:
    """Whether a word stands in the source, or needs none; `known` keeps what was found out."""
    stem = word.casefold().removesuffix("'s").removesuffix("’s").rstrip("'’-")
    held = known.get(stem)
    if held is None:
        held = known[stem] = stem in allowed or _stands(stem, folded)
    return held


def _stands(word: str, text: str) -> bool:
    """Whether a word stands in a text, not as a part of another."""
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        if not text[end : end + 1].isalnum() and not (place and text[place - 1].isalnum()):
            return True
        place = text.find(word, place + 1)
    return False


def _comes_first(text: str, place: int) -> bool:
    before = text[max(0, place - 4) : place].rstrip(" \t")
    return not before or before[-1] in STARTS or (before[-1] == ")" and before[-2:-1].isdigit())

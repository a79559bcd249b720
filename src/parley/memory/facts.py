"""A fact about a person, and what a newer fact is to an older one."""

from enum import StrEnum

from msgspec import Struct

from parley.memory.words import NEGATION, attribute_words, content, in_set, likeness, negated, numbers

KINDS = ("identity", "contact", "work", "relationship", "preference", "health", "possession", "plan", "other")

SEVERAL = in_set(
    "like dislike allergy pet child son daughter sibling brother sister friend hobby interest language "
    "skill own owned visited medication goal plan project trip instrument sport game book movie film "
    "music wish"
)
"""Attributes of which a person can have several values, whatever the model says."""

ONE = in_set(
    "name age birth home employer job partner wife husband email phone favorite diet timezone nationality "
    "height weight nickname pronoun religion hometown boss manager"
)
"""Attributes that have one value at a time."""

OPPOSITES = {"like": "dislike", "dislike": "like"}

ALIKE = 0.75
"""The part of their words that two statements share if they say the same."""
SAME_ATTRIBUTE = 0.82
"""The cosine between two attributes that mean the same, where there are vectors."""


class Relation(StrEnum):
    """What a fact is to the one that it supersedes."""

    NEW = "new"
    RESTATES = "restates"
    REFINES = "refines"
    CONTRADICTS = "contradicts"
    ENDS = "ends"


class Fact(Struct, frozen=True, kw_only=True):
    """What was stated: `attribute` names what it is about, `value` what holds; `ended`: it holds no longer."""

    kind: str
    attribute: str
    value: str
    text: str
    confidence: float = 0.8
    exclusive: bool | None = None
    ended: bool = False

    @property
    def one_at_a_time(self) -> bool:
        """Whether a new value replaces the old one; where nobody knows better, it does."""
        named = attribute_words(self.attribute)
        if not self.attribute or not SEVERAL.isdisjoint(named):
            return "favorite" in named
        if not ONE.isdisjoint(named):
            return True
        return self.exclusive is not False


def relation(new: Fact, old: Fact, *, same_attribute: bool | None = None) -> Relation | None:
    """What `new` is to `old`, None: nothing. `same_attribute` is what vectors say of their attributes, if anything."""
    if not new.attribute or not old.attribute:
        return _free(new, old)
    a, b = attribute_words(new.attribute), attribute_words(old.attribute)
    if a == b or same_attribute:
        return _of_one_attribute(new, old)
    if opposed(a, b) and _covers(content(new.value), content(old.value)):
        return Relation.CONTRADICTS
    alike = likeness(content(new.text), content(old.text)) >= ALIKE
    if new.value and alike and content(new.value) == content(old.value):
        return Relation.ENDS if new.ended else Relation.RESTATES
    return None


def opposed(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether two attributes deny each other: likes and dislikes."""
    return any(OPPOSITES.get(word) in b and a - {word} == b - {OPPOSITES[word]} for word in a)


def _of_one_attribute(new: Fact, old: Fact) -> Relation | None:
    one = new.one_at_a_time and old.one_at_a_time
    a, b = content(new.value, stem=not one), content(old.value, stem=not one)  # Carlo is not Carlos
    if new.ended:
        return Relation.ENDS if _covers(a - NEGATION, b) or (one and a <= NEGATION) else None
    if negated(a) != negated(b):
        return Relation.CONTRADICTS if one or _covers(a - NEGATION, b - NEGATION) else None
    if a == b:
        return Relation.RESTATES
    if numbers(a) == numbers(b) or not numbers(a) or not numbers(b):
        if b < a:
            return Relation.REFINES
        if a < b:
            return Relation.RESTATES
    return Relation.CONTRADICTS if one else None


def _free(new: Fact, old: Fact) -> Relation | None:
    """Of statements without an attribute only the words can tell."""
    a, b = content(new.text), content(old.text)
    if numbers(a) != numbers(b):
        return None
    if negated(a) != negated(b):
        return Relation.CONTRADICTS if likeness(a - NEGATION, b - NEGATION) >= ALIKE else None
    if a == b or a < b:
        return Relation.RESTATES
    return Relation.REFINES if b < a else None


def _covers(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether both speak of the same: one says all that the other says."""
    return bool(a) and bool(b) and (a <= b or b <= a)

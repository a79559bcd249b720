"""What a text is about: its words without inflection and filling, so that two ways to say a thing can be compared."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"\w+(?:[.,:]\d+)*", re.UNICODE)
_POSSESSIVE = re.compile(r"['’]s\b|['’](?=\s|$)")
_SHORT = re.compile(r"n['’]t\b")


def in_set(spaced: str) -> frozenset[str]:
    """The words of a list with spaces between them."""
    return frozenset(spaced.split())


FILLING = in_set(
    "a an the my your his her its our their of in on at to for with by from as and or is are am was were "
    "be been being i me you he she it we they user users this that these those very really just also so "
    "do does did have has had there here currently now nowadays today who which what whose when where how"
)
"""Words that do not change which fact it is."""

NEGATION = in_set(
    "not no never none longer without stopped quit anymore nicht kein keine nie niemals ohne pas jamais "
    "aucun sin nunca non mai"
)

SAME = {
    "colour": "color", "favourite": "favorite", "preferred": "favorite", "fav": "favorite", "best": "favorite",
    "preference": "favorite", "prefer": "favorite", "choice": "favorite",
    "occupation": "job", "profession": "job", "work": "job", "career": "job", "employment": "job", "role": "job",
    "works": "job", "working": "job",
    "company": "employer", "workplace": "employer", "firm": "employer",
    "city": "home", "residence": "home", "location": "home", "town": "home", "lives": "home", "live": "home",
    "living": "home", "resides": "home", "address": "home", "place": "home",
    "eating": "diet", "dietary": "diet", "food": "diet", "nutrition": "diet",
    "spouse": "partner", "allergic": "allergy", "allergies": "allergy",
    "likes": "like", "loves": "like", "love": "like", "enjoys": "like", "enjoy": "like", "liked": "like",
    "dislikes": "dislike", "hates": "dislike", "hate": "dislike", "avoids": "dislike", "avoid": "dislike",
    "born": "birth", "birthday": "birth", "birthdate": "birth", "dob": "birth",
    "children": "child", "kids": "child", "kid": "child", "hobbies": "hobby", "pets": "pet",
    "automobile": "car", "vehicle": "car", "mobile": "phone", "telephone": "phone", "mail": "email",
}  # fmt: skip
"""Words of attributes that mean the same there."""

EMPTY_IN_ATTRIBUTES = in_set("title type current main primary status full own personal habit detail date day")


def words(text: str) -> list[str]:
    """The words of `text` in their order, folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_POSSESSIVE.sub("", _SHORT.sub(" not", folded)))


@lru_cache(maxsize=65536)
def content(text: str, *, stem: bool = True) -> frozenset[str]:
    """The words that say something, without the endings of plurals if wanted; all words where none says something."""
    found = words(text)
    said = [word for word in found if word not in FILLING] or found
    return frozenset([_stem(word) for word in said] if stem else said)


@lru_cache(maxsize=65536)
def attribute_words(text: str) -> frozenset[str]:
    """What an attribute names, in words that are the same for all who name it so."""
    found = {SAME.get(word, word) for word in content(text.replace("_", " ").replace("-", " "))}
    found -= {"number"} if "phone" in found else set()
    return frozenset(found - EMPTY_IN_ATTRIBUTES) or frozenset(found)


def negated(found: Iterable[str]) -> bool:
    """Whether the words deny something."""
    return not NEGATION.isdisjoint(found)


def numbers(found: Iterable[str]) -> frozenset[str]:
    """The words that hold a digit."""
    return frozenset(word for word in found if any(c.isdigit() for c in word))


def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """The part of all their words that both have, 0..1."""
    return len(a & b) / len(a | b) if a or b else 0.0


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) and word.isalpha():
        word = word[:-1]
    return word[:-2] + "y" if len(word) > 4 and word.endswith("ie") else word

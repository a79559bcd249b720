"""Turns of phrase that say the same, as one: what a question wants to know, and idioms as single words.

Works on lower-case text. A mark in angle brackets says what kind of answer is wanted (`frames`).
"""

import re

from parley.cache.meaning.frames import FRAMES, WITHIN
from parley.cache.meaning.idioms import CLOSINGS, CONTRACTIONS, IDIOMS, OPENINGS, Into, Rule

_opening = re.compile(r"^(?:" + "|".join(OPENINGS) + r")(?:[\s,:;-]+|$)")
_closing = re.compile(CLOSINGS)


def _compiled(rules: tuple[Rule, ...]) -> tuple[tuple[re.Pattern[str], Into], ...]:
    return tuple((re.compile(pattern), into) for pattern, into in rules)


_contractions, _idioms, _within = _compiled(CONTRACTIONS), _compiled(IDIOMS), _compiled(WITHIN)
_frames = tuple(
    (found.match if found.pattern.startswith("^") and "|^" not in found.pattern else found.search, found, into)
    for found, into in _compiled(FRAMES)
)
"""With what finds each: what stands at the front is looked for nowhere else."""


def contracted(text: str) -> str:
    """Lower-case text with its contractions written out."""
    for pattern, into in _contractions:
        text = pattern.sub(into, text)
    return text


def bare(text: str) -> str:
    """The text without the courtesies around it."""
    while (found := _opening.match(text)) and found.end() < len(text):
        text = text[found.end() :]
    while (shorter := _closing.sub("", text)) != text:
        text = shorter
    return text


def rewritten(text: str) -> str:
    """The bare question with its idioms as words, and at its front the kind of answer that it wants."""
    for pattern, into in _idioms:
        text = pattern.sub(into, text)
    return framed(text)


def framed(text: str) -> str:
    """The question with its kind at the front; `<none>` where it does not say."""
    text = " ".join(text.split())
    for find, pattern, into in _frames:
        if find(text) is not None:
            text = " ".join(pattern.sub(into, text, count=1).split())
            if text.startswith("<"):
                break
    if not text.startswith("<"):
        text = f"<none> {text}"
    for pattern, into in _within:
        text = pattern.sub(into, text)
    return " ".join(text.split())

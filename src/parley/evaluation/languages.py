"""Tells the language of a text: by its script, and within one by the small words and letters that give it away.

Twenty-five languages of Latin and Cyrillic scripts by their words; the others have a script of their own. Code, links
and names count for nothing. It is sure of a sentence or two; of less it says that it is not.
"""

import re
from collections import Counter, defaultdict
from operator import itemgetter

from msgspec import Struct

from parley.evaluation.language_words import MARKS, WORDS

SAMPLE = 1500
"""Characters that are looked at: of a longer text, its start, its middle and its end."""

SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x0370, 0x03FF, "el"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x0980, 0x09FF, "bn"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0E00, 0x0E7F, "th"),
    (0x10A0, 0x10FF, "ka"),
    (0x1780, 0x17FF, "km"),
    (0x3040, 0x30FF, "ja"),
    (0x4E00, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
)
"""Blocks of Unicode 15 that one language above all writes with."""

KNOWN = frozenset(WORDS) | {language for _, _, language in SCRIPTS} | {"fa"}
PERSIAN = frozenset("پچژگ")

LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
NOISE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S+@\S+", re.DOTALL)

BY_WORD: dict[str, tuple[str, ...]] = {}
for _language, _words in WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        BY_WORD[_word] = (*BY_WORD.get(_word, ()), _language)
BY_MARK: dict[str, tuple[str, ...]] = {}
for _language, _marks in MARKS.items():
    for _mark in _marks:
        BY_MARK[_mark] = (*BY_MARK.get(_mark, ()), _language)


class Guess(Struct, frozen=True):
    """The `best` language (ISO 639-1), None where nothing speaks for one; `scores` of all that something speaks for."""

    best: str | None
    scores: dict[str, float]

    def could_be(self, languages: frozenset[str]) -> bool:
        """Whether one of `languages` is as likely as the best, or nearly."""
        top = self.scores.get(self.best or "", 0.0)
        return any(self.scores.get(language, 0.0) >= top * NEARLY for language in languages)


NEARLY = 0.75
LEAST = 2.0
"""The score that a best guess has at least: two small words."""


def guess(text: str) -> Guess:
    """What language a text is in."""
    if len(text) > SAMPLE * 3 // 2:
        third, middle = SAMPLE // 3, len(text) // 2
        text = f"{text[:third]} {text[middle : middle + third]} {text[-third:]}"
    text = NOISE.sub(" ", text) if "`" in text or "http" in text or "@" in text else text
    scores: dict[str, float] = defaultdict(float)
    folded = text.lower()
    words = LETTERS.findall(folded.replace("’", "'"))
    for word in words:
        for language in BY_WORD.get(word, ()):
            scores[language] += 1.0 if len(word) > 1 else 0.5
    if not folded.isascii():
        _add_marks(folded, scores)
        _add_scripts(folded, scores)
    if not scores:
        return Guess(None, {})
    best, score = max(scores.items(), key=itemgetter(1))
    return Guess(best if score >= LEAST else None, dict(scores))


def _add_marks(folded: str, scores: dict[str, float]) -> None:
    for c, often in Counter(folded).items():
        for language in BY_MARK.get(c, ()):
            scores[language] += min(often, 8) * 0.5


def _add_scripts(folded: str, scores: dict[str, float]) -> None:
    """Letters of a script that belongs to one language; four of them weigh as much as a small word."""
    found: Counter[str] = Counter()
    for c, often in Counter(folded).items():
        code = ord(c)
        if code >= SCRIPTS[0][0]:
            for low, high, language in SCRIPTS:
                if low <= code <= high:
                    found[language] += often
                    break
    if found["ja"] * 10 > found["zh"]:  # Japanese writes Han characters among its own
        found["ja"] += found.pop("zh", 0)
    if found["ar"] and sum(folded.count(c) for c in PERSIAN) * 40 > found["ar"]:
        found["fa"] = found.pop("ar")
    for language, often in found.items():
        scores[language] += often / 2 if language in ("zh", "ja", "ko") else often / 4

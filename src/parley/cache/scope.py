"""The questions of one scope in memory: their vectors in one matrix, and which words each has."""

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from parley.cache.meaning.lemmas import lemmas
from parley.cache.meaning.synonyms import CONCEPTS
from parley.cache.meaning.words import DROPPED, LIGHT
from parley.core.enclosures import CachedAnswer

Vector = NDArray[np.float32]

STORED = np.dtype("<f2")
FLOOR = 0.72
"""Cosine below which no question is looked at; the gate decides above. Paraphrases of one another have 0.8 and more."""
NEAREST = 8
WORD = re.compile(r"[^\W_]+")


class Scope:
    """Answered questions, by place; one that is answered again takes the place of the older."""

    def __init__(self) -> None:
        self.seen = 0.0  # when the newest was made
        self.texts: list[str] = []
        self.keys: list[str] = []
        self._places: dict[str, int] = {}
        self._ids: set[str] = set()
        self._rows: Vector = np.zeros((0, 0), np.float32)
        self._held: list[int] = []  # the place of each row
        self._words: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, row: CachedAnswer, embedder: str | None) -> None:
        """Takes a question in; vectors of another embedder are left out."""
        self.seen = max(self.seen, row.created)
        if row.id in self._ids or row.question is None:
            return
        self._ids.add(row.id)
        if row.key in self._places:
            return
        place = self._places[row.key] = len(self.keys)
        self.keys.append(row.key)
        self.texts.append(row.question)
        for word in words_of(row.question):
            self._words.setdefault(word, []).append(place)
        if row.vector is not None and row.embedder == embedder:
            self._hold(np.frombuffer(row.vector, STORED).astype(np.float32), place)

    def near(self, vector: Vector) -> list[int]:
        """Places of the nearest questions, nearest first; `vector` is of length 1."""
        count = len(self._held)
        if count == 0 or self._rows.shape[1] != len(vector):
            return []
        scores = np.einsum("ij,j->i", self._rows[:count], vector)  # `@` would spin on every core for a millisecond
        best = np.argpartition(scores, -NEAREST)[-NEAREST:] if count > NEAREST else np.arange(count)
        order = best[np.argsort(-scores[best])]
        return [self._held[row] for row in order if scores[row] >= FLOOR]

    def alike(self, text: str) -> list[int]:
        """Places of the questions that share most words with a text; words that few have count more."""
        counts: Counter[int] = Counter()
        for word in words_of(text):
            places = self._words.get(word, ())
            weight = 1.0 / (1 + len(places))
            for place in places:
                counts[place] += 1 + weight  # type: ignore[assignment]
        return [place for place, _ in counts.most_common(NEAREST)]

    def _hold(self, vector: Vector, place: int) -> None:
        count = len(self._held)
        if count == 0:
            self._rows = np.zeros((64, len(vector)), np.float32)
        elif self._rows.shape[1] != len(vector):
            return
        elif count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[count] = vector
        self._held.append(place)


def words_of(text: str) -> set[str]:
    """What a text names, each word under its stand-in."""
    found = set()
    for word in WORD.findall(text.lower()):
        if word not in DROPPED and word not in LIGHT:
            form = lemmas(word)[0]
            found.add(CONCEPTS.get(form, form))
    return found


def normal(values: object) -> Vector:
    """A vector of length 1."""
    vector = np.asarray(values, np.float32)
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def stored(vector: Vector) -> bytes:
    """A vector as the store keeps it."""
    return bytes(vector.astype(STORED).tobytes())

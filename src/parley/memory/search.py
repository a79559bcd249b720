"""Finds what is known of a person that matters to what they ask now: by words and by vectors, fused by rank."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from parley.core.enclosures import MemoryRow
from parley.memory.words import FILLING, SAME, content

K1, B = 1.2, 0.4
"""BM25's saturation and length normalisation; facts are short, so their length says little."""
RANK = 60.0
"""The constant of reciprocal rank fusion (Cormack and others, 2009)."""
NEAR = 0.25
"""The cosine below which a fact counts as unrelated."""
HALF_LIFE = 180 * 86_400.0
"""Seconds after which a fact weighs as much as half a new one does more than an ancient one."""


def ranked(
    rows: Sequence[MemoryRow], question: str, now: float, near: Mapping[int, float] | None = None
) -> list[MemoryRow]:
    """The rows, those that answer best first; those that nothing speaks for come last, by their own weight.

    `near` gives the cosine of the rows (by place) that have a vector.
    """
    fused = dict.fromkeys(range(len(rows)), 0.0)
    for ranking in (by_words(rows, question), by_vectors(near or {})):
        for rank, place in enumerate(ranking):
            fused[place] += 1 / (RANK + rank)
    return [rows[place] for place in sorted(fused, key=lambda place: _order(rows[place], fused[place], now))]


def by_words(rows: Sequence[MemoryRow], question: str) -> list[int]:
    """The places of the rows that share words with the question, best first (BM25)."""
    asked = _terms(question)
    bags = [_bag(row.attribute, row.value, row.text) for row in rows]
    length = sum(sum(bag.values()) for bag in bags) / max(len(bags), 1) or 1.0
    scores: dict[int, float] = {}
    for term in asked:
        holding = [place for place, bag in enumerate(bags) if term in bag]
        rare = math.log(1 + (len(rows) - len(holding) + 0.5) / (len(holding) + 0.5))
        for place in holding:
            bag = bags[place]
            often = bag[term] * (K1 + 1) / (bag[term] + K1 * (1 - B + B * sum(bag.values()) / length))
            scores[place] = scores.get(place, 0.0) + rare * often
    return sorted(scores, key=lambda place: -scores[place])


def by_vectors(near: Mapping[int, float]) -> list[int]:
    """The places that are near enough, nearest first."""
    return sorted((place for place, cosine in near.items() if cosine >= NEAR), key=lambda place: -near[place])


def weight(row: MemoryRow, now: float) -> float:
    """How much a fact counts for itself, 0..1: what is sure and new counts more."""
    age = max(now - row.created, 0.0)
    return (0.5 + 0.5 * row.confidence) * (0.6 + 0.4 * math.exp2(-age / HALF_LIFE))


def _order(row: MemoryRow, fused: float, now: float) -> tuple[float, float, str]:
    weighed = weight(row, now)
    return (-fused * weighed, -weighed, row.id)


def _terms(text: str) -> frozenset[str]:
    return frozenset(SAME.get(word, word) for word in content(text)) - FILLING


@lru_cache(maxsize=16_384)
def _bag(attribute: str, value: str, text: str) -> Counter[str]:
    return Counter(term for part in (attribute, value, text) for term in _terms(part))

"""Ranks the chunks of an index for a query: by words, by meaning, and both fused by reciprocal rank."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from parley.context.index import Floats, Index

DEPTH = 60
"""How far down each of the two rankings is read."""
FLAT = 10.0
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009, take 60 for lists of thousands; of
ours sixty places count, and their beginning should)."""
WORDS, MEANING = 1.5, 1.0
"""What a place in each ranking weighs: words are exact, and small encoders are not. `bench/context.py` shows both."""


class Found(Struct, frozen=True):
    """A chunk that was found: its row, its fused rank value, and how well it applies (0 to 1)."""

    row: int
    fused: float
    score: float


def rank(index: Index, hashes: Sequence[int], vector: Floats | None, unrelated: float) -> list[Found]:
    """The best chunks, best first. `vector` has length 1; `unrelated` is the cosine of texts that have nothing in
    common, which differs from model to model.

    A chunk's score is the part of the query's weight whose words stand in it. Where it has a vector that counts half,
    and the cosine, between unrelated (0) and the same (1), is added.
    """
    lexical = index.lexical(hashes)
    words = _best(lexical.scores)
    fused = {int(row): WORDS / (FLAT + place) for place, row in enumerate(words, 1)}
    scores = lexical.covered
    if vector is not None:
        meaning: Floats = np.clip((index.similar(vector) - unrelated) / (1 - unrelated), 0, 1).astype(np.float32)
        for place, row in enumerate(_best(meaning), 1):
            fused[int(row)] = fused.get(int(row), 0.0) + MEANING / (FLAT + place)
        scores = np.where(index.embedded, np.minimum(scores / 2 + meaning, 1), scores)
    found = [Found(row, value, round(float(scores[row]), 4)) for row, value in fused.items()]
    return sorted(found, key=lambda one: (-one.fused, -one.score, one.row))


def _best(values: Floats) -> NDArray[np.intp]:
    """The rows of the highest values above 0, highest first."""
    if len(values) > DEPTH:
        rows = np.argpartition(-values, DEPTH)[:DEPTH]
        rows = rows[np.lexsort((rows, -values[rows]))]
    else:
        rows = np.argsort(-values, kind="stable")
    found: NDArray[np.intp] = rows[values[rows] > 0]
    return found

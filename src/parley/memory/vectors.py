"""Vectors of facts: made by the model of `[embeddings]`, kept as bytes, compared with numpy.

Loaded only where there is such a model: numpy takes its time to come in.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import structs

from parley.core.enclosures import MemoryRow
from parley.memory.facts import SAME_ATTRIBUTE
from parley.memory.ports import Models

FLOAT = np.dtype("<f4")
HELD = 10_000
"""Attributes whose vectors are held."""

Vector = np.ndarray[tuple[int], np.dtype[np.float32]]


class Vectors:
    """What is near to what."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._names: dict[str, Vector] = {}  # of attributes: they are few, and come again and again

    async def near(self, question: str, rows: Sequence[MemoryRow], deadline: float) -> Mapping[int, float]:
        """The cosine to `question` of each row, by place, that has a vector of this model. Raises GatewayError."""
        places = [place for place, row in enumerate(rows) if row.vector and row.embedder == self._models.embedder]
        if not places:
            return {}
        asked = _unit((await self._models.embed([question], deadline))[0])
        kept = [np.frombuffer(rows[place].vector or b"", FLOAT) for place in places]
        fitting = [(place, one) for place, one in zip(places, kept, strict=True) if one.shape == asked.shape]
        if not fitting:
            return {}
        cosines = np.stack([one for _, one in fitting]) @ asked
        return {place: float(cosine) for (place, _), cosine in zip(fitting, cosines, strict=True)}

    async def described(self, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
        """The rows with their vectors. Raises GatewayError."""
        if not rows:
            return []
        vectors = await self._models.embed([row.text for row in rows])
        embedder = self._models.embedder
        return [
            structs.replace(row, embedder=embedder, vector=_unit(vector).tobytes())
            for row, vector in zip(rows, vectors, strict=True)
        ]

    async def same_attributes(self, new: Sequence[str], known: Sequence[str]) -> frozenset[tuple[str, str]]:
        """The pairs of attributes that mean the same. Raises GatewayError."""
        named = await self._named({*new, *known} - {""})
        return frozenset(
            (a, b)
            for a in new
            for b in known
            if a in named and b in named and float(named[a] @ named[b]) >= SAME_ATTRIBUTE
        )

    async def _named(self, names: set[str]) -> dict[str, Vector]:
        fresh = sorted(names - self._names.keys())
        if fresh:
            if len(self._names) + len(fresh) > HELD:
                self._names.clear()
                fresh = sorted(names)
            vectors = await self._models.embed(fresh)
            self._names.update((name, _unit(vector)) for name, vector in zip(fresh, vectors, strict=True))
        return {name: self._names[name] for name in names}


def _unit(vector: Sequence[float]) -> Vector:
    numbers = np.asarray(vector, FLOAT)
    length = float(np.linalg.norm(numbers)) or 1.0
    return np.asarray(numbers / length, FLOAT)

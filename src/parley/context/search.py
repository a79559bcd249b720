"""The search: from a query to the parts that apply to it, in the order of their worth, within a budget of tokens."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np

from parley.context.index import Floats, Index, normed, unpack
from parley.context.ports import Bounds, Embedder, Shelves
from parley.context.ranking import Found, rank
from parley.context.shelf_indexes import ShelfIndexes
from parley.context.split import size
from parley.context.terms import hashed, terms
from parley.context.unrelated import Unrelated
from parley.core.documents import Chunk, Part, Place, Retrieved
from parley.core.errors import GatewayError

EMBEDDED_WITHIN = 3.0
"""Seconds that a query's vector is waited for; later the words alone count."""
REMEMBERED = 512
"""Vectors of queries that are kept."""
ALIKE = 0.85
"""Part of their terms that two chunks share when they say the same."""
BYTES_PER_TOKEN = 3.5
BESIDE = 0.5
"""Part of the best score that another passage has to have: beside a whole answer, half a word of it is none."""


class Search:
    """Searches shelves."""

    def __init__(self, shelves: Shelves, embedder: Embedder) -> None:
        self._shelves = shelves
        self._indexes = ShelfIndexes(shelves, embedder.embedder or "")
        self._embedder = embedder
        self._unrelated = Unrelated(embedder)
        self._vectors: OrderedDict[str, Floats] = OrderedDict()

    async def find(self, place: Place, query: str, bounds: Bounds) -> Retrieved:
        """What applies to `query`. Raises GatewayError where the store is away."""
        index = await self._indexes.get(place)
        if not index.size or not query.strip():
            return Retrieved(query=query)
        vector, trouble = await self._vector(query) if index.vectors.shape[1] else (None, None)
        unrelated = await self._unrelated.cosine() if vector is not None else 0.0
        hashes = [hashed(term) for term in terms(query)]
        found = await asyncio.to_thread(rank, index, hashes, vector, unrelated)
        parts = await self._parts(index, _applicable(found, bounds.threshold), bounds)
        return Retrieved(query=query, parts=parts, trouble=trouble)

    async def _vector(self, query: str) -> tuple[Floats | None, str | None]:
        known = self._vectors.get(query)
        if known is not None:
            self._vectors.move_to_end(query)
            return known, None
        try:
            until = asyncio.get_running_loop().time() + EMBEDDED_WITHIN
            (row,) = await self._embedder.embed([query], until)
        except GatewayError as error:
            return None, f"The query could not be embedded, so words alone counted: {error.message}"
        vector = normed(np.asarray(row, np.float32))
        self._vectors[query] = vector
        if len(self._vectors) > REMEMBERED:
            self._vectors.popitem(last=False)
        return vector, None

    async def _parts(self, index: Index, found: list[Found], bounds: Bounds) -> tuple[Part, ...]:
        best = found[: 4 * bounds.parts]
        places = [index.place(one.row) for one in best]
        chunks = await self._shelves.chunks(places)
        scored = ((chunks[place], place, one) for place, one in zip(places, best, strict=True) if place in chunks)
        return _chosen(scored, bounds)


def _applicable(found: list[Found], threshold: float) -> list[Found]:
    """Those that apply; a threshold of 0 takes whatever was found."""
    least = max(threshold, BESIDE * max((one.score for one in found), default=0.0)) if threshold else 0.0
    return [one for one in found if one.score >= least]


def _chosen(scored: Iterable[tuple[tuple[str, Chunk], tuple[str, int], Found]], bounds: Bounds) -> tuple[Part, ...]:
    parts: list[Part] = []
    said: list[set[int]] = []
    left = bounds.tokens
    for (reference, chunk), (document, number), one in scored:
        hashes = set(unpack(chunk.terms)[0].tolist())
        if any(len(hashes & other) >= ALIKE * max(len(hashes | other), 1) for other in said):
            continue
        cost = tokens(chunk.text) + tokens(" ".join((reference, *chunk.path)))
        if cost > left:
            continue
        left -= cost
        said.append(hashes)
        parts.append(
            Part(
                reference=reference,
                path=chunk.path,
                text=chunk.text,
                score=one.score,
                document=document,
                number=number,
            )
        )
        if len(parts) == bounds.parts:
            break
    return tuple(parts)


def tokens(text: str) -> int:
    """About how many tokens a model makes of it."""
    return int(size(text) / BYTES_PER_TOKEN) + 1

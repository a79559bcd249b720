"""The indexes that this worker holds in memory: loaded when a shelf is first searched, renewed when it changed."""

import asyncio
from collections import OrderedDict

from msgspec import Struct

from parley.context.index import NOTHING, Index, grown
from parley.context.ports import Shelves
from parley.core.documents import Place

MOST = 250_000
"""Chunks in memory, of all shelves together, some 3 KB each; the shelf that was used longest ago goes first."""


class Held(Struct, frozen=True):
    """An index, the revision of the shelf it was read at, and which vectors each document had."""

    revision: int
    ready: dict[str, str]
    index: Index


EMPTY = Held(0, {}, NOTHING)


class ShelfIndexes:
    """Indexes by place; what a search gets is never older than the last change that was committed before it."""

    def __init__(self, shelves: Shelves, embedder: str, most: int = MOST) -> None:
        """`embedder` is the model whose vectors are loaded, "" for none."""
        self._shelves = shelves
        self._embedder = embedder
        self._most = most
        self._held: OrderedDict[Place, Held] = OrderedDict()
        self._loading: dict[Place, asyncio.Lock] = {}

    async def get(self, place: Place) -> Index:
        """The index of a shelf as it is now. Raises GatewayError where the store is away and nothing is held."""
        revision = await self._shelves.revision(place)
        held = self._held.get(place, EMPTY)
        if held.revision == revision:
            if held is not EMPTY:
                self._held.move_to_end(place)
            return held.index
        lock = self._loading.setdefault(place, asyncio.Lock())
        async with lock:
            held = self._held.get(place, EMPTY)
            if held.revision < revision:
                held = await self._renewed(place, held)
        if self._loading.get(place) is lock and not lock.locked():
            del self._loading[place]
        return held.index

    async def _renewed(self, place: Place, old: Held) -> Held:
        revision, ready = await self._shelves.ready(place)
        keep = [document for document, embedder in old.ready.items() if ready.get(document) == embedder]
        kept = set(keep)
        missing = [document for document in ready if document not in kept]
        leaves = await self._shelves.leaves(missing, self._embedder)
        index = await asyncio.to_thread(grown, old.index, keep, leaves, self._embedder)
        held = Held(revision, ready, index)
        self._held[place] = held
        self._held.move_to_end(place)
        self._make_room(place)
        return held

    def _make_room(self, newest: Place) -> None:
        total = sum(held.index.size for held in self._held.values())
        for place in list(self._held):
            if total <= self._most or place == newest:
                return
            total -= self._held.pop(place).index.size

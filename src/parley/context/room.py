"""The whole room behind one door: documents for the management API, parts for calls, and the work that is owed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property

from msgspec import structs

from parley.context.desk import Desk, Limits
from parley.context.indexing import Indexer
from parley.context.on_demand import Finder, make_search
from parley.context.ports import Bounds, Brought, Documents, Embedder, Shelves, Shown, Wanted
from parley.context.query import query_of
from parley.context.reader import Reader
from parley.context.rewriting import Rewriting
from parley.core.asks import Chat
from parley.core.call import Whose
from parley.core.documents import Chunk, Place, Retrieved
from parley.core.enclosures import Enclosure, Job
from parley.core.errors import GatewayError
from parley.core.holdings import Page

WITHIN = 10.0
"""Seconds that a call waits for its context; the first search of a large shelf loads its index."""


class Room:
    """Documents and what is found in them."""

    def __init__(
        self,
        documents: Documents,
        shelves: Shelves,
        embedder: Embedder,
        *,
        limits: Limits,
        bounds: Bounds,
        rewriting: Rewriting | None = None,
    ) -> None:
        """`bounds` are those of calls; `rewriting` makes queries by a model instead of by rule."""
        self._shelves = shelves
        self._embedder = embedder
        self._desk = Desk(documents, shelves, embedder, limits, Reader(most=limits.chunks))
        self._indexer = Indexer(documents, shelves, embedder)
        self._bounds = bounds
        self._rewriting = rewriting

    @cached_property
    def _search(self) -> Finder:
        return make_search(self._shelves, self._embedder)

    # ---- for calls

    async def retrieve(self, ask: Chat, whose: Whose) -> Retrieved:
        """What applies to a chat: to its `context_query`, else to what the conversation asks for. Raises nothing."""
        query = ask.context_query or ""
        try:
            async with asyncio.timeout(WITHIN):
                if not query.strip():
                    by_model = self._rewriting
                    query = await by_model.query(ask.messages, whose) if by_model else query_of(ask.messages)
                return await self._search.find(Place(whose.account, whose.application), query, self._bounds)
        except TimeoutError:
            return Retrieved(query=query, trouble=f"Nothing was found within {WITHIN:.0f} seconds.")
        except GatewayError as error:
            return Retrieved(query=query, trouble=error.message)

    # ---- for the management API

    async def find(self, place: Place, query: str, wanted: Wanted) -> Retrieved:
        """What applies to `query`. Raises GatewayError."""
        said = {name: value for name, value in structs.asdict(wanted).items() if value is not None}
        return await self._search.find(place, query, structs.replace(self._bounds, **said))

    async def put(self, receive: Callable[[int], Awaitable[Brought]]) -> Shown:
        """As `Desk` says."""
        return await self._desk.put(receive)

    async def get(self, place: Place, reference: str) -> Shown:
        """As `Desk` says."""
        return await self._desk.get(place, reference)

    async def page(self, place: Place, limit: int, after: str | None) -> Page[Shown]:
        """As `Desk` says."""
        return await self._desk.page(place, limit, after)

    async def passages(self, document: str, first: int, limit: int) -> list[Chunk]:
        """As `Desk` says."""
        return await self._desk.passages(document, first, limit)

    async def delete(self, place: Place, reference: str) -> int:
        """As `Desk` says."""
        return await self._desk.delete(place, reference)

    # ---- for the workers

    async def index(self, job: Job) -> Sequence[Enclosure]:
        """As `Indexer` says."""
        return await self._indexer.index(job)

    async def sweep(self, job: Job) -> Sequence[Enclosure]:
        """As `Indexer` says."""
        return await self._indexer.sweep(job)

    async def catch_up(self) -> None:
        """As `Indexer` says."""
        await self._indexer.catch_up()

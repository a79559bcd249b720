"""What the operator does with the cache: looks what is kept, and has it forgotten."""

import time
from collections.abc import Mapping
from typing import Protocol

from parley.cache.answers import AnswerCache
from parley.core.holdings import CacheRow


class Holdings(Protocol):
    """The answers in the store."""

    async def sums(self, filters: Mapping[str, str], now: float) -> list[CacheRow]:
        """What is kept, per account, application and namespace."""

    async def purge(self, filters: Mapping[str, str]) -> int:
        """Removes what fits every filter; how many went."""


class CacheDesk:
    """The cache as the management API sees it."""

    def __init__(self, holdings: Holdings, cache: AnswerCache) -> None:
        self._holdings = holdings
        self._cache = cache

    async def kept(self, filters: Mapping[str, str]) -> list[CacheRow]:
        """What is kept, per account, application and namespace; the largest first, at most a thousand."""
        return await self._holdings.sums(filters, time.time())

    async def purge(self, filters: Mapping[str, str]) -> int:
        """Forgets what fits every filter; other workers follow within a second. Returns how many answers went."""
        gone = await self._holdings.purge(filters)
        await self._cache.refresh()
        return gone

"""Who may use a model now, and who waits: as many calls as slots, a bounded queue, and nobody for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parley.core.errors import Overloaded

RETRY_AFTER = "2"  # seconds; a queue that is full now is seldom full then


class Admission:
    """The slots of one model. A waiting call that is cancelled leaves the queue at once."""

    def __init__(self, slots: int, waiting: int, patience: float) -> None:
        """`waiting` calls at most wait, each `patience` seconds at most."""
        self._slots = asyncio.Semaphore(slots)
        self._most, self._patience = waiting, patience
        self.waiting = 0
        self.running = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one slot. Raises Overloaded if the queue is full or the wait too long."""
        if self._slots.locked() and self.waiting >= self._most:
            raise Overloaded(f"{self.waiting} calls wait for this model; try again later.", retry_after=RETRY_AFTER)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._slots.acquire()
        except TimeoutError:
            sentence = f"No slot of this model became free within {self._patience:g} seconds; try again later."
            raise Overloaded(sentence, retry_after=RETRY_AFTER) from None
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._slots.release()

"""The ledger: takes records from the event loop without waiting and commits all that wait together, in one thread."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Generator
from queue import Empty, SimpleQueue
from typing import Any, Literal

from msgspec import Struct

from parley.core.record import Record
from parley.store.errors import StoreError
from parley.store.scribe import Scribe

log = logging.getLogger(__name__)

Durability = Literal["commit", "async"]
Waiting = tuple[Record, "asyncio.Future[None] | None"]

PER_RECORD, MOST = 100e-6, 1000e-6
"""Seconds that a commit waits for company: for each record of the last one, and at most."""
BATCH = 512
"""Records after which a transaction takes no more; those of one turn of the loop stay together."""


class LedgerStats(Struct, frozen=True, kw_only=True):
    """Counters since the start; `queued` waits now, `away` says that the store does not answer now."""

    queued: int
    committed: int
    dropped: int
    spooled: int
    replayed: int
    away: bool


class Ledger:
    """The one writer of records in this process."""

    def __init__(self, scribe: Scribe, *, durability: Durability, bound: int) -> None:
        """`bound` is how many records may wait; more than that are dropped and counted."""
        self._scribe = scribe
        self._waits = durability == "commit"
        self._bound = bound
        self._queue: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._fresh: list[Waiting] = []  # put since the loop last turned
        self._queued = 0  # put, and not committed yet
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._dropped = 0
        self._open = False

    async def start(self) -> None:
        """Begins to write; a store that is away at that moment is looked for in the background."""
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._open = True
        self._thread.start()

    def put(self, record: Record) -> Awaitable[None]:
        """Takes the record at once. The awaitable ends when it is committed or in the spool (`async`: at once).

        Awaiting raises StoreError where it could be kept nowhere; with durability `async` it is dropped and counted.
        """
        if not self._open or self._queued >= self._bound:
            return self._refused()
        future: asyncio.Future[None] | None = self._loop.create_future() if self._waits else None
        if not self._fresh:
            self._loop.call_soon(self._hand_over)
        self._fresh.append((record, future))
        self._queued += 1
        return DONE if future is None else future

    async def stop(self, deadline: float) -> None:
        """Writes what waits, for at most `deadline` seconds, and ends. Nothing is taken from now on."""
        if not self._open:
            return
        self._open = False
        self._hand_over()
        self._queue.put(None)
        try:
            async with asyncio.timeout(deadline):
                await self._ended.wait()
        except TimeoutError:
            log.error("the ledger could not write all in %g seconds; %d records are lost", deadline, self._queued)

    def stats(self) -> LedgerStats:
        """The counters now."""
        scribe = self._scribe
        return LedgerStats(
            queued=self._queued,
            committed=scribe.committed,
            dropped=self._dropped + scribe.unfit,
            spooled=scribe.spooled,
            replayed=scribe.replayed,
            away=scribe.away,
        )

    def _hand_over(self) -> None:
        """Wakes the thread once for all that was put in one turn of the loop; each waking is a system call."""
        if self._fresh:
            self._queue.put(self._fresh)
            self._fresh = []

    def _refused(self) -> Awaitable[None]:
        if self._dropped == 0:
            log.error("the ledger takes no more records: %s", FULL if self._open else CLOSED)
        self._dropped += 1
        return Broken(FULL if self._open else CLOSED) if self._waits else DONE

    def _run(self) -> None:
        self._scribe.start()
        going = True
        while going:
            pause = self._scribe.tend()
            batch, going = self._take(pause)
            if batch:
                error = self._scribe.keep([record for record, _ in batch])
                self._settle([future for _, future in batch if future is not None], len(batch), error)
                if going:
                    _gather(len(batch))
        self._scribe.stop()
        self._tell(self._ended.set)

    def _take(self, pause: float | None) -> tuple[list[Waiting], bool]:
        """What waits now, after at most `pause` seconds; False once the ledger was told to stop and all is taken."""
        queue, batch = self._queue, []
        try:
            some = queue.get(timeout=pause) if pause != 0 else queue.get_nowait()
            while some is not None:
                batch += some
                if len(batch) >= BATCH:
                    return batch, True
                some = queue.get_nowait()
        except Empty:
            return batch, True
        return batch, False

    def _settle(self, futures: list["asyncio.Future[None]"], records: int, error: StoreError | None) -> None:
        if error is not None:
            self._dropped += records
        self._tell(self._resolve, futures, records, error)

    def _resolve(self, futures: list["asyncio.Future[None]"], records: int, error: StoreError | None) -> None:
        self._queued -= records
        for future in futures:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
                future.exception()  # whoever does not wait for a record needs no report of it

    def _tell(self, callback: Any, *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            pass  # the loop is closed: nobody waits any more


def _gather(company: int) -> None:
    """Lets more records come together before the next commit, the longer the more came to the last one.

    A commit costs some 100 us of CPU, however many records it holds. A record that came alone waits for nobody.
    """
    if company > 1:
        time.sleep(min(company * PER_RECORD, MOST))


FULL = "too many records wait for the store; it is too slow or away."
CLOSED = "it was stopped."


class Done:
    """An awaitable that is done."""

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()


class Broken:
    """An awaitable that raises."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()
        raise StoreError(f"The ledger could not take the record: {self._reason}")


DONE = Done()

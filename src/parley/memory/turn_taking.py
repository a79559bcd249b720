"""Lets the calls of one session go one after the other: in this process by a lock, among workers by a lease in the
store, which a worker that dies loses by itself."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from parley.core.errors import GatewayError, Overloaded
from parley.memory.names import SessionName
from parley.memory.ports import SessionStore

LEASE, RENEW = 10.0, 3.0
"""Seconds for which a session is ours without a sign of life, and between two of them."""
FIRST_PAUSE, LAST_PAUSE = 0.002, 0.05
"""Seconds between two looks at a session that another worker has."""
MOST_WAITING = 256
"""Calls that may wait for one session in one worker."""


class Place(Struct):
    """Where the calls of one session wait."""

    lock: asyncio.Lock
    waiting: int = 0


class TurnTaking:
    """Who has their turn."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._places: dict[SessionName, Place] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def take(self, session: SessionName, holder: str) -> Callable[[], None]:
        """Waits for the turn of `holder`; what it returns gives the turn back, and may be called once, at any time.

        Raises Overloaded where too many wait, and whatever the store raises.
        """
        place = self._places.setdefault(session, Place(asyncio.Lock()))
        if place.waiting >= MOST_WAITING:
            raise Overloaded("Too many calls wait for their turn in this session; ask again soon.", retry_after="1")
        place.waiting += 1
        locked = False
        try:
            await place.lock.acquire()
            locked = True
            await self._lease(session, holder)
        except BaseException:
            if locked:  # the lease may have been taken for us all the same
                self._begin_to_leave(session, holder, place, None)
            else:
                self._done(session, place, locked=False)
            raise
        keeping = asyncio.create_task(self._keep(session, holder), name=f"turn of {holder}")
        return partial(self._begin_to_leave, session, holder, place, keeping)

    async def close(self) -> None:
        """Waits until every turn that was given back is free for other workers."""
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _lease(self, session: SessionName, holder: str) -> None:
        pause = FIRST_PAUSE
        while True:
            now = time.time()
            if await self._store.take(session, holder, now, now + LEASE):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_PAUSE)

    async def _keep(self, session: SessionName, holder: str) -> None:
        while True:
            await asyncio.sleep(RENEW)
            with contextlib.suppress(GatewayError):
                await self._store.keep(session, holder, time.time() + LEASE)

    def _begin_to_leave(
        self, session: SessionName, holder: str, place: Place, keeping: "asyncio.Task[None] | None"
    ) -> None:
        if keeping is not None:
            keeping.cancel()
        leaving = asyncio.get_running_loop().create_task(self._leave(session, holder, place))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, session: SessionName, holder: str, place: Place) -> None:
        try:
            with contextlib.suppress(
                GatewayError, RuntimeError
            ):  # the store is away, or closed: the lease ends by itself
                await self._store.leave(session, holder)
        finally:
            self._done(session, place, locked=True)

    def _done(self, session: SessionName, place: Place, *, locked: bool) -> None:
        if locked:
            place.lock.release()
        place.waiting -= 1
        if not place.waiting:
            self._places.pop(session, None)

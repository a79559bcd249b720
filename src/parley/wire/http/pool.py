"""The connections to one origin: at most so many, the warmest first, and those who wait served in their order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from math import inf

from parley.wire.http.connection import Connection
from parley.wire.http.errors import DeadlineExceeded, PoolFull
from parley.wire.http.messages import Limits

Open = Callable[[], Awaitable[Connection]]


class Pool:
    """`count` is the number of connections open or being opened; a waiter is given a connection, or None: a place."""

    __slots__ = ("_closed", "_count", "_idle", "_limits", "_open", "_origin", "_waiters")

    def __init__(self, origin: str, limits: Limits) -> None:
        self._origin = origin
        self._limits = limits
        self._closed = False
        self._count = 0
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()

    @property
    def empty(self) -> bool:
        """Whether nothing is open and nobody waits."""
        return not self._count and not self._waiters

    @property
    def connections(self) -> list[Connection]:
        """All that are open."""
        return list(self._open)

    def close(self) -> None:
        """Closes all connections at once, and those under way as soon as they are free."""
        self._closed = True
        for connection in self.connections:
            connection.abort()

    def take(self) -> Connection | None:
        """An idle connection, the last used first; None if there is none."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if not connection.closed:
                return connection
        return None

    async def acquire(self, open_one: Open, end: float, *, fresh: bool) -> Connection:
        """A connection, perhaps after waiting for one; `fresh` never one that was used. `end`: loop time.

        Raises PoolFull, DeadlineExceeded and what `open_one` raises.
        """
        while True:
            if not fresh and (connection := self.take()) is not None:
                return connection
            if self._count < self._limits.connections:
                self._count += 1
                return await self._fill(open_one)
            if self._idle:
                self._idle[0].abort()
                continue
            given = await self._wait(end)
            if given is None:
                return await self._fill(open_one)
            if fresh:
                given.abort()
            elif not given.closed:
                return given

    async def _fill(self, open_one: Open) -> Connection:
        """Opens a connection in a place that is already counted."""
        try:
            connection = await open_one()
        except BaseException:
            self._vacate()
            raise
        connection.owned_by(self._freed, self._lost)
        self._open.add(connection)
        if connection.closed:
            self._lost(connection)
        return connection

    async def _wait(self, end: float) -> Connection | None:
        """A connection, or None for a place that is counted for the caller."""
        limits = self._limits
        if len(self._waiters) >= limits.waiters:
            raise PoolFull(f"{limits.waiters} requests to {self._origin} already wait for a connection.")
        loop = asyncio.get_running_loop()
        until = min(end, loop.time() + limits.wait_seconds)
        waiter: asyncio.Future[Connection | None] = loop.create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout_at(until if until < inf else None):
                return await waiter
        except TimeoutError:
            self._give_back(waiter)
            if until == end:
                raise DeadlineExceeded(
                    f"The deadline passed before {self._origin} had a free connection.", sent=False
                ) from None
            raise PoolFull(
                f"All {limits.connections} connections to {self._origin} were busy for {limits.wait_seconds} s."
            ) from None
        except BaseException:
            self._give_back(waiter)
            raise

    def _give_back(self, waiter: "asyncio.Future[Connection | None]") -> None:
        """A waiter gives up; what it was given at the same moment goes to the next."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif waiter.done() and not waiter.cancelled():
            connection = waiter.result()
            if connection is None:
                self._vacate()
            elif not connection.closed:
                self._freed(connection)

    def _next_waiter(self) -> "asyncio.Future[Connection | None] | None":
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                return waiter
        return None

    def _freed(self, connection: Connection) -> None:
        if self._waiters and (waiter := self._next_waiter()) is not None:
            waiter.set_result(connection)
            return
        idle = self._idle
        idle.append(connection)
        if self._closed or len(idle) > self._limits.idle_connections:
            idle[0].abort()

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._vacate()

    def _vacate(self) -> None:
        if self._waiters and (waiter := self._next_waiter()) is not None:
            waiter.set_result(None)
        else:
            self._count -= 1

"""Writes down the first use of an application or intent, in the background, so that a request never waits for it."""

import asyncio
import logging
import time
from collections.abc import Callable

from parley.accounts.ports import ConfigStore

log = logging.getLogger(__name__)

WAITING = 10_000
AGAIN = 1.0
DEADLINE = 10.0


class FirstUses:
    """A bounded queue of names that were met, and the one task that notes them; a store that is away is asked again."""

    def __init__(self, store: ConfigStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._queue: asyncio.Queue[tuple[str, str, float]] = asyncio.Queue(WAITING)
        self._task: asyncio.Task[None] | None = None

    def note(self, application: str, intent: str) -> None:
        """Remembers that a request named this pair. More than fits is dropped: its next first use notes it."""
        if "\0" not in application + intent:  # which PostgreSQL never takes
            self._put(application, intent, self._clock())

    async def start(self) -> None:
        """Begins to write."""
        self._task = asyncio.create_task(self._run(), name="first-uses")

    async def stop(self, deadline: float = 2.0) -> None:
        """Writes what waits, for at most `deadline` seconds, and ends."""
        try:
            async with asyncio.timeout(deadline):
                await self._queue.join()
        except TimeoutError:
            pass
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _put(self, application: str, intent: str, at: float) -> None:
        try:
            self._queue.put_nowait((application, intent, at))
        except asyncio.QueueFull:
            pass

    async def _run(self) -> None:
        while True:
            application, intent, at = await self._queue.get()
            if not await self._written(application, intent, at):
                self._put(application, intent, at)
                await asyncio.sleep(AGAIN)
            self._queue.task_done()

    async def _written(self, application: str, intent: str, at: float) -> bool:
        try:
            async with asyncio.timeout(DEADLINE):
                await self._store.touch(application, intent, at)
        except Exception as e:
            log.warning("the store took no note of an application (%s); it is asked again", type(e).__name__)
            return False
        return True

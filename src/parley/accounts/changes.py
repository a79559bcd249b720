"""Watches the store's revisions, so that what one worker changes counts in every worker within a second."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from parley.accounts.ports import Revisions

log = logging.getLogger(__name__)

EVERY = 0.25
DEADLINE = 5.0


class Changes:
    """Polls the counters and calls what belongs to the ones that moved; while the store is away the old state holds."""

    def __init__(
        self, revisions: Revisions, refresh: Mapping[str, Callable[[], Awaitable[None]]], every: float = EVERY
    ) -> None:
        """`refresh` maps a counter's name to what has to be read again; `every` is in seconds."""
        self._revisions = revisions
        self._refresh = refresh
        self._every = every
        self._seen: dict[str, int] = {}
        self._away = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads everything once (what the store raises is raised) and begins to watch."""
        self._seen = await self._revisions.read()
        for refresh in self._refresh.values():
            await refresh()
        self._task = asyncio.create_task(self._run(), name="changes")

    async def stop(self) -> None:
        """Ends the watch."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> None:
        """Looks once; a counter is only taken as seen after what belongs to it was read."""
        now = await self._revisions.read()
        for name, refresh in self._refresh.items():
            if now.get(name) != self._seen.get(name):
                await refresh()
                self._seen[name] = now.get(name, 0)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                async with asyncio.timeout(DEADLINE):
                    await self.look()
                self._away = False
            except Exception as e:
                if not self._away:
                    log.warning(
                        "the store does not answer (%s); keys and configurations stay as they are",
                        type(e).__name__,
                    )
                self._away = True

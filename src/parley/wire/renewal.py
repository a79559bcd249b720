"""Keeps a value that goes stale, such as a token: fetched once for everyone who waits, and again before it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from time import time
from typing import Final, Generic, TypeVar

T = TypeVar("T")

Fetch = Callable[[], Awaitable[tuple[T, float]]]
"""Gets a fresh value, and the time (seconds since 1970) until which it is good."""

_PAUSE: Final = 5.0
"""Seconds after a failed renewal before the next, while the old value is still good."""


class Renewed(Generic[T]):
    """One value. Belongs to the loop it is used on."""

    def __init__(self, *, early: float = 300.0, patience: float = 15.0, now: Callable[[], float] = time) -> None:
        """Renews `early` seconds before the end, or after half of a shorter life; a fetch may take `patience`."""
        self._early = early
        self._patience = patience
        self._now = now
        self._value: T | None = None
        self._renew_at = self._ends_at = self._not_before = 0.0
        self._task: asyncio.Task[T] | None = None

    async def get(self, fetch: Fetch[T], deadline: float) -> T:
        """The value. Waits only where there is none that is good, until `deadline` (loop time) at most.

        Whoever leaves does not stop the fetch, others may wait for it. Raises TimeoutError, and what `fetch` raises.
        """
        now, value = self._now(), self._value
        if value is not None and now < self._ends_at:
            if now >= self._renew_at and now >= self._not_before:
                self._fetching(fetch)
            return value
        async with asyncio.timeout_at(deadline):
            return await asyncio.shield(self._fetching(fetch))

    def _fetching(self, fetch: Fetch[T]) -> asyncio.Task[T]:
        task = self._task
        if task is None or task.done():
            task = self._task = asyncio.get_running_loop().create_task(self._fetch(fetch))
            task.add_done_callback(_looked_at)
        return task

    async def _fetch(self, fetch: Fetch[T]) -> T:
        try:
            async with asyncio.timeout(self._patience):
                value, ends_at = await fetch()
        except BaseException:
            self._not_before = self._now() + _PAUSE
            raise
        self._value, self._ends_at = value, ends_at
        self._renew_at = ends_at - min(self._early, (ends_at - self._now()) / 2)
        return value


def _looked_at(task: "asyncio.Task[T]") -> None:
    """A renewal that nobody waits for may fail without a word: the value is still good, and it is tried again."""
    if not task.cancelled():
        task.exception()

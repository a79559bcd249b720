"""What the workers need of the store, and what they run."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from msgspec import Struct

from parley.core.enclosures import Enclosure, Job

Handler = Callable[[Job], Awaitable[Sequence[Enclosure]]]
"""Does one job. What it returns is committed together with the job's end; if it raises, the job is tried again."""


class Ended(Struct, frozen=True, kw_only=True):
    """How a try of a job ended: done with these rows, or failed with `error` and not to be tried before `again`.

    Times in epoch seconds; `error` without `again` means that it is not tried any more.
    """

    id: str
    enclosures: tuple[Enclosure, ...] = ()
    error: str | None = None
    again: float | None = None


class Queue(Protocol):
    """The jobs of all workers."""

    async def put(self, jobs: Sequence[Job]) -> None:
        """Owes these jobs; ids that are there already are passed over."""

    async def claim(self, kinds: Collection[str], limit: int, now: float, lease: float) -> list[Job]:
        """At most `limit` jobs that are due, ours for `lease` seconds; of each lane the oldest, if nobody has it."""

    async def renew(self, ids: Collection[str], until: float) -> None:
        """Keeps these jobs ours."""

    async def settle(self, ended: Sequence[Ended]) -> None:
        """Commits how tries ended, all or none."""

    async def waiting(self) -> dict[str, int]:
        """How many jobs of each kind are owed now."""

    async def purge(self, before: float) -> None:
        """Forgets jobs that were done and were made before this time."""

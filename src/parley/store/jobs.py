"""Jobs at rest: who may do which, and how each ended, committed together with what it brought about."""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Connection, Row, delete, func, or_, select, text, update

from parley.core.enclosures import DONE, FAILED, WAITING, Enclosure, Job
from parley.store.database import Database
from parley.store.enclosures import insert_enclosures
from parley.store.tables import jobs

LOOKED_AT = 4
"""Jobs looked at for each that may be claimed: those of a lane that is taken are passed over."""
LOCK = 0x6A6F6273
"""PostgreSQL's advisory lock for claiming: "jobs"."""


class Ended(Protocol):
    """What a try of a job came to: done with these rows, or failed, and then perhaps to be tried `again`."""

    @property
    def id(self) -> str:
        """The job's."""

    @property
    def enclosures(self) -> tuple[Enclosure, ...]:
        """What is committed with its end."""

    @property
    def error(self) -> str | None:
        """Why it failed."""

    @property
    def again(self) -> float | None:
        """When it may be tried again, in epoch seconds; None: never."""


class Jobs:
    """The repository of work that is owed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, owed: Sequence[Job]) -> None:
        """Owes these jobs; ids that are there already are passed over."""
        await self._database.write(lambda connection: insert_enclosures(connection, owed))

    async def claim(self, kinds: Collection[str], limit: int, now: float, lease: float) -> list[Job]:
        """At most `limit` jobs that are due, ours for `lease` seconds; of each lane the oldest, if nobody has it."""
        if not await self._database.read(lambda connection: _due(connection, kinds, 1, now)):
            return []

        def work(connection: Connection) -> list[Job]:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            due = _due(connection, kinds, limit * LOOKED_AT, now)
            lanes = {job.lane for job in due} - {""}
            found = _first_of_lanes(due, _taken(connection, lanes, now) if lanes else set())[:limit]
            claimed = update(jobs).where(jobs.c.id.in_([job.id for job in found]))
            claimed = claimed.values(leased_until=now + lease, tries=jobs.c.tries + 1)
            rows = {row.id: row for row in connection.execute(claimed.returning(jobs))}
            return [_job(rows[job.id]) for job in found]

        return await self._database.write_unsynced(work)  # a lease that is lost is a job that is free

    async def renew(self, ids: Collection[str], until: float) -> None:
        """Keeps these jobs ours."""
        held = update(jobs).where(jobs.c.id.in_(ids), jobs.c.state == WAITING).values(leased_until=until)
        await self._database.write_unsynced(lambda connection: connection.execute(held))

    async def settle(self, ended: Sequence[Ended]) -> None:
        """Commits how tries ended (`jobs.ports.Ended`), all or none.

        A job that somebody else finished, or took away while it ran, brings nothing about.
        """
        good = [one.id for one in ended if one.error is None]
        done = update(jobs).where(jobs.c.id.in_(good), jobs.c.state == WAITING).returning(jobs.c.id)

        def work(connection: Connection) -> None:
            values = {"state": DONE, "leased_until": None, "payload": b""}
            ours = set(connection.execute(done.values(values)).scalars()) if good else set[str]()
            for one in ended:
                if one.error is not None:
                    state = FAILED if one.again is None else WAITING
                    failed = update(jobs).where(jobs.c.id == one.id, jobs.c.state == WAITING)
                    connection.execute(failed.values(state=state, error=one.error, leased_until=one.again))
            insert_enclosures(connection, chain.from_iterable(one.enclosures for one in ended if one.id in ours))

        await self._database.write_unsynced(work)  # what a power cut undoes is done again, and brings about the same

    async def free(self) -> None:
        """Lets every lease go: right at the start of a process that is alone on its store."""
        freed = update(jobs).where(jobs.c.state == WAITING, jobs.c.leased_until.is_not(None)).values(leased_until=None)
        await self._database.write(lambda connection: connection.execute(freed))

    async def waiting(self) -> dict[str, int]:
        """How many jobs of each kind are owed now."""
        counted = select(jobs.c.kind, func.count()).where(jobs.c.state == WAITING).group_by(jobs.c.kind)
        found = await self._database.read(lambda connection: connection.execute(counted).all())
        return {kind: count for kind, count in found}  # noqa: C416  rows are no pairs for the type checker

    async def get(self, id: str) -> Job | None:
        """One job, in whatever state."""
        wanted = select(jobs).where(jobs.c.id == id)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _job(row)

    async def purge(self, before: float) -> None:
        """Forgets jobs that were done and were made before this time."""
        old = delete(jobs).where(jobs.c.state == DONE, jobs.c.created < before)
        await self._database.write(lambda connection: connection.execute(old))


def _due(connection: Connection, kinds: Collection[str], limit: int, now: float) -> list[Row[Any]]:
    """Their ids and lanes alone: the others wait for the store meanwhile, and payloads are large."""
    wanted = (
        select(jobs.c.id, jobs.c.lane)
        .where(jobs.c.state == WAITING, jobs.c.due <= now, jobs.c.kind.in_(kinds))
        .where(or_(jobs.c.leased_until.is_(None), jobs.c.leased_until < now))
    )
    return list(connection.execute(wanted.order_by(jobs.c.due, jobs.c.created, jobs.c.id).limit(limit)))


def _taken(connection: Connection, lanes: Collection[str], now: float) -> set[str]:
    """Those of the lanes in which a job runs, or waits for its next try."""
    held = select(jobs.c.lane).where(jobs.c.state == WAITING, jobs.c.lane.in_(lanes), jobs.c.leased_until >= now)
    return set(connection.execute(held).scalars())


def _first_of_lanes(due: Sequence[Row[Any]], taken: set[str]) -> list[Row[Any]]:
    found = []
    for row in due:
        if row.lane not in taken:
            found.append(row)
            taken |= {row.lane} - {""}
    return found


def _job(row: Row[Any]) -> Job:
    return Job(**row._mapping)

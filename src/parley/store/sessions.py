"""Sessions of assistants: their turns, whose turn it is, and summaries of what was said before."""

from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, select, update

from parley.core.enclosures import TurnRow
from parley.core.holdings import KeptSummary
from parley.store.database import Database, InsertNew
from parley.store.tables import session_leases, session_summaries, turns


class Named(Protocol):
    """Which session; the names are fit for an index."""

    @property
    def account(self) -> str:
        """Whose."""

    @property
    def application(self) -> str:
        """Of which application."""

    @property
    def session_id(self) -> str:
        """Its id."""


class Sessions:
    """The repository of sessions; turns come with the records of their requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def history(self, session: Named, most: int) -> list[TurnRow]:
        """The newest `most` turns, oldest first."""
        wanted = select(turns).where(*within(turns, session)).order_by(turns.c.place.desc(), turns.c.id.desc())
        found = await self._database.read(lambda connection: list(connection.execute(wanted.limit(most))))
        return [_turn(row) for row in reversed(found)]

    async def take(self, session: Named, holder: str, now: float, until: float) -> bool:
        """Whether `holder` now has the session to itself until `until` (epoch seconds)."""
        over = delete(session_leases).where(*within(session_leases, session), session_leases.c.until < now)
        taken = InsertNew(session_leases).values(**_values(session), holder=holder, until=until)

        def work(connection: Connection) -> bool:
            connection.execute(over)
            return connection.execute(taken).rowcount == 1

        return await self._database.write(work)

    async def keep(self, session: Named, holder: str, until: float) -> None:
        """Lets `holder` have it longer."""
        held = update(session_leases).where(*within(session_leases, session), session_leases.c.holder == holder)
        await self._database.write(lambda connection: connection.execute(held.values(until=until)))

    async def leave(self, session: Named, holder: str) -> None:
        """Gives it back."""
        held = delete(session_leases).where(*within(session_leases, session), session_leases.c.holder == holder)
        await self._database.write(lambda connection: connection.execute(held))

    async def free(self) -> None:
        """Ends every lease: right at the start of a process that is alone on its store."""
        await self._database.write(lambda connection: connection.execute(delete(session_leases)))

    async def summaries(self, session: Named) -> list[KeptSummary]:
        """The summaries of a session."""
        kept = session_summaries.c
        wanted = select(kept.digest, kept.covered, kept.text).where(*within(session_summaries, session))
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        return [KeptSummary(*row) for row in found]

    async def add_summary(self, session: Named, summary: KeptSummary, now: float) -> None:
        """Keeps a summary, and none that covers less."""
        shorter = delete(session_summaries).where(
            *within(session_summaries, session), session_summaries.c.covered < summary.covered
        )
        values = {"digest": summary.digest, "covered": summary.covered, "text": summary.text, "created": now}

        def work(connection: Connection) -> None:
            connection.execute(shorter)
            connection.execute(InsertNew(session_summaries).values(**_values(session), **values))

        await self._database.write(work)


def within(table: Table, session: Named) -> tuple[ColumnElement[bool], ...]:
    """The condition for rows of `session`."""
    return tuple(table.c[name] == value for name, value in _values(session).items())


def _values(session: Named) -> dict[str, str]:
    return {"account": session.account, "application": session.application, "session_id": session.session_id}


def _turn(row: Row[Any]) -> TurnRow:
    return TurnRow(**row._mapping)

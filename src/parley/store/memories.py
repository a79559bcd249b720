"""What is known of the people who talk to applications."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, select, tuple_

from parley.core.enclosures import MemoryRow
from parley.core.holdings import Page
from parley.core.names import fit
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.enclosures import insert_enclosures
from parley.store.forgetting import accounts_of_user, forget_user
from parley.store.revisions import MEMORY, raise_revision
from parley.store.tables import memories


class Named(Protocol):
    """Which person; the names are fit for an index."""

    @property
    def account(self) -> str:
        """Whose."""

    @property
    def application(self) -> str:
        """Known to which application."""

    @property
    def user_id(self) -> str:
        """By which id."""


newer = memories.alias("newer")
CURRENT = ~select(newer.c.id).where(newer.c.supersedes == memories.c.id).exists()
ENDS = "ends"


class Memories:
    """The repository of memories; those that are learnt come with the end of their job."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def any(self) -> bool:
        """Whether there is a single one."""
        wanted = select(memories.c.id).limit(1)
        return await self._database.read(lambda connection: connection.execute(wanted).first() is not None)

    async def current(self, user: Named, most: int) -> list[MemoryRow]:
        """The facts that no other supersedes, newest first."""
        wanted = _current(user).order_by(memories.c.created.desc(), memories.c.id.desc()).limit(most)
        return [read(row) for row in await self._database.read(lambda connection: list(connection.execute(wanted)))]

    async def page(
        self, filters: Mapping[str, str], limit: int, after: str | None, *, history: bool
    ) -> Page[tuple[MemoryRow, bool]]:
        """Facts, newest first, each with whether it is current; with `history` also those that no longer hold.

        Raises BadRequest for an `after` that is no cursor.
        """
        wanted = select(memories, CURRENT.label("current")).where(
            *(memories.c[name] == value for name, value in filters.items())
        )
        if not history:
            wanted = wanted.where(CURRENT, memories.c.relation != ENDS)
        if after is not None:
            at, id = read_cursor(after, tuple[float, str])
            wanted = wanted.where(tuple_(memories.c.created, memories.c.id) < (at, id))
        wanted = wanted.order_by(memories.c.created.desc(), memories.c.id.desc()).limit(limit + 1)
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [(read(row), bool(row.current) and row.relation != ENDS) for row in found[:limit]]
        last = shown[-1][0] if len(found) > limit else None
        return Page(shown, write_cursor((last.created, last.id)) if last else None)

    async def add(self, rows: Sequence[MemoryRow]) -> None:
        """Keeps these rows, and tells other workers."""

        def work(connection: Connection) -> None:
            insert_enclosures(connection, rows)
            raise_revision(connection, MEMORY)

        await self._database.write(work)

    async def remove(self, id: str, account: str | None) -> int:
        """Removes a fact with all that it superseded and that superseded it, if it is of this account (None: any).

        Answers how many rows those were.
        """
        wanted = select(memories.c.account).where(memories.c.id == id)

        def work(connection: Connection) -> int:
            owner = connection.execute(wanted).scalar()
            if owner is None or (account is not None and owner != fit(account)):
                return 0
            linked = _linked(connection, id)
            gone = connection.execute(delete(memories).where(memories.c.id.in_(linked))).rowcount if linked else 0
            raise_revision(connection, MEMORY)
            return gone

        return await self._database.write(work)

    async def accounts_of(self, application: str, user_id: str) -> list[str]:
        """The accounts of which something is kept of such a user; names as clients say them."""
        return await self._database.read(lambda connection: accounts_of_user(connection, application, user_id))

    async def forget(self, account: str, application: str, user_id: str, lane: str) -> Mapping[str, int]:
        """Removes all of a person's words from every table, and the work in `lane`; how much of what that was."""
        return await self._database.write(
            lambda connection: forget_user(connection, account, application, user_id, lane)
        )


def of_user(user: Named) -> tuple[ColumnElement[bool], ...]:
    """The condition for rows about `user`."""
    return (
        memories.c.account == user.account,
        memories.c.application == user.application,
        memories.c.user_id == user.user_id,
    )


def read(row: Row[Any]) -> MemoryRow:
    """The memory in a row of the database."""
    return MemoryRow(**{name: getattr(row, name) for name in MemoryRow.__struct_fields__})


def _current(user: Named) -> Select[Any]:
    return select(memories).where(*of_user(user), CURRENT, memories.c.relation != ENDS)


def _linked(connection: Connection, id: str) -> list[str]:
    found = {id}
    fresh = {id}
    while fresh:
        linked = select(memories.c.id, memories.c.supersedes).where(
            memories.c.id.in_(fresh) | memories.c.supersedes.in_(fresh)
        )
        seen = {one for row in connection.execute(linked) for one in row if one is not None}
        fresh = seen - found
        found |= fresh
    return sorted(found)

"""The ledger's records, to be read: one, a page, or all of a time."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_

from parley.core.holdings import Page, UsageRow
from parley.core.record import Record
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.rows import record_of
from parley.store.tables import requests
from parley.store.usage import CUT, metadata_value, sums, usage_row

FILTERS = ("account", "application", "intent", "session_id", "user_id", "model", "provider", "outcome")
CONTENT = ("messages", "answer")
WITHOUT_CONTENT = [column for column in requests.c if column.name not in CONTENT]
PIECE = 200
"""Records that an export reads at once."""


class Requests:
    """The repository of records; the ledger writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, id: str) -> Record | None:
        """The record with this id, or the newest one with this completion id."""
        newest = (
            select(requests.c.id).where(requests.c.completion_id == id).order_by(requests.c.created.desc()).limit(1)
        )

        def work(connection: Connection) -> Row[Any] | None:
            if (row := connection.execute(_with_id(id)).first()) is not None:
                return row
            found = connection.execute(newest).scalar()
            return None if found is None else connection.execute(_with_id(found)).first()

        row = await self._database.read(work)
        return None if row is None else record_of(row)

    async def page(
        self,
        limit: int,
        after: str | None = None,
        filters: Mapping[str, Any] | None = None,
        *,
        content: bool = True,
    ) -> Page[Record]:
        """Records, newest first; `filters` takes the names in `FILTERS`, `since` and `until` (epoch seconds).

        Without `content`, messages and answers are not even read. Raises BadRequest for an `after` that is no cursor.
        """
        wanted = select(requests) if content else select(*WITHOUT_CONTENT)
        wanted = wanted.where(*matching(filters or {})).limit(limit + 1)
        wanted = wanted.order_by(requests.c.created.desc(), requests.c.id.desc())
        if after is not None:
            at, id = read_cursor(after, tuple[float, str])
            # `created <= at` alone lets the index by time begin at the right place
            wanted = wanted.where(requests.c.created <= at, tuple_(requests.c.created, requests.c.id) < (at, id))
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [record_of(row) for row in found[:limit]]
        return Page(shown, write_cursor((shown[-1].created, shown[-1].id)) if len(found) > limit else None)

    async def usage(
        self,
        by: list[str],
        since: float | None = None,
        until: float | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> list[UsageRow]:
        """Sums per group, in the groups' order; `by` takes the names in `usage.GROUPS`. Raises BadRequest."""
        wanted = sums(by).where(*matching({**(filters or {}), "since": since, "until": until}))
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        return sorted((usage_row(by, row) for row in found), key=lambda row: tuple(row.group.values()))

    async def export(
        self, since: float | None = None, until: float | None = None, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Record]:
        """Every record in the time, oldest first; nothing of the store is held while the consumer takes its time."""
        last: tuple[float, str] | None = None
        while True:
            found = await self._database.read(
                _reading(_following(last, {**(filters or {}), "since": since, "until": until}))
            )
            for row in found:
                yield record_of(row)
            if len(found) < PIECE:
                return
            last = (found[-1].created, found[-1].id)


def _with_id(id: str) -> Select[Any]:
    return select(requests).where(requests.c.id == id)


def _reading(wanted: Select[Any]) -> Any:
    return lambda connection: list(connection.execute(wanted))


def _following(last: tuple[float, str] | None, filters: Mapping[str, Any]) -> Select[Any]:
    wanted = select(requests).where(*matching(filters)).limit(PIECE)
    if last is not None:
        wanted = wanted.where(requests.c.created >= last[0], tuple_(requests.c.created, requests.c.id) > last)
    return wanted.order_by(requests.c.created, requests.c.id)


def matching(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions that filters mean: the names in `FILTERS`, `metadata` (pairs), `since` and `until`."""
    conditions = [requests.c[name] == filters[name] for name in FILTERS if filters.get(name) is not None]
    conditions += [metadata_value(key) == value[:CUT] for key, value in filters.get("metadata") or ()]
    if filters.get("since") is not None:
        conditions.append(requests.c.created >= filters["since"])
    if filters.get("until") is not None:
        conditions.append(requests.c.created < filters["until"])
    return conditions

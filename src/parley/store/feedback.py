"""What people thought of answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, insert, select, tuple_, update

from parley.core.enclosures import Enclosure
from parley.core.holdings import Feedback, Page
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.enclosures import insert_enclosures
from parley.store.tables import feedback

FILTERS = ("account", "application", "request_id", "session_id", "trace_id")


class Feedbacks:
    """The repository of feedback."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, given: Sequence[Feedback], owed: Sequence[Enclosure] = ()) -> None:
        """Keeps all of these with what they owe, or none."""
        rows = [_written(one) for one in given]

        def work(connection: Connection) -> None:
            connection.execute(insert(feedback), rows)
            insert_enclosures(connection, owed)

        await self._database.write(work)

    async def get(self, id: str) -> Feedback | None:
        """One."""
        wanted = select(feedback).where(feedback.c.id == id)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _read(row)

    async def replace(self, given: Feedback) -> None:
        """Keeps one as it is now."""
        changed = update(feedback).where(feedback.c.id == given.id).values(_written(given))
        await self._database.write(lambda connection: connection.execute(changed))

    async def page(self, limit: int, after: str | None, filters: Mapping[str, Any]) -> Page[Feedback]:
        """Feedback, newest first; `filters` takes `FILTERS`. Raises BadRequest for an `after` that is no cursor."""
        wanted = select(feedback).where(*(feedback.c[name] == filters[name] for name in FILTERS if name in filters))
        wanted = wanted.order_by(feedback.c.created.desc(), feedback.c.id.desc()).limit(limit + 1)
        if after is not None:
            place = read_cursor(after, tuple[float, str])
            wanted = wanted.where(tuple_(feedback.c.created, feedback.c.id) < place)
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [_read(row) for row in found[:limit]]
        return Page(shown, write_cursor((shown[-1].created, shown[-1].id)) if len(found) > limit else None)


def _written(one: Feedback) -> dict[str, Any]:
    values = structs.asdict(one)
    kept = values["metadata"]
    return {**values, "metadata": None if kept is None else msgspec.json.encode(kept).decode()}


def _read(row: Row[Any]) -> Feedback:
    values = dict(row._mapping)
    kept = values["metadata"]
    return Feedback(**{**values, "metadata": None if kept is None else msgspec.json.decode(kept)})

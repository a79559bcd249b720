"""Evaluations and their verdicts at rest; they are written together with records, or with the end of a job."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select, tuple_

from parley.core.enclosures import EvaluationRow, VerdictRow
from parley.core.holdings import Page
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.tables import evaluations, verdicts

FILTERS = ("account", "application", "intent", "session_id", "status", "delivered", "mode")

Kept = tuple[EvaluationRow, tuple[VerdictRow, ...]]


class Evaluations:
    """The repository of evaluations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, request_id: str) -> Kept | None:
        """The evaluation of a request with its verdicts, in their order."""
        wanted = select(evaluations).where(evaluations.c.request_id == request_id)
        found = await self._database.read(lambda connection: _with_verdicts(connection, connection.execute(wanted)))
        return found[0] if found else None

    async def page(self, limit: int, after: str | None = None, filters: Mapping[str, Any] | None = None) -> Page[Kept]:
        """Evaluations, newest first; `filters` takes `FILTERS`, `sentinel`, `since` and `until` (epoch seconds).

        Raises BadRequest for an `after` that is no cursor.
        """
        wanted = select(evaluations).where(*_matching(filters or {})).limit(limit + 1)
        wanted = wanted.order_by(evaluations.c.created.desc(), evaluations.c.request_id.desc())
        if after is not None:
            at, id = read_cursor(after, tuple[float, str])
            wanted = wanted.where(
                evaluations.c.created <= at, tuple_(evaluations.c.created, evaluations.c.request_id) < (at, id)
            )
        found = await self._database.read(lambda connection: _with_verdicts(connection, connection.execute(wanted)))
        shown = found[:limit]
        more = len(found) > limit
        return Page(shown, write_cursor((shown[-1][0].created, shown[-1][0].request_id)) if more else None)

    async def since(self, at: float, limit: int, filters: Mapping[str, Any] | None = None) -> list[Kept]:
        """Evaluations from `at` (epoch seconds) on, oldest first."""
        wanted = select(evaluations).where(evaluations.c.created >= at, *_matching(filters or {}))
        wanted = wanted.order_by(evaluations.c.created, evaluations.c.request_id).limit(limit)
        return await self._database.read(lambda connection: _with_verdicts(connection, connection.execute(wanted)))


def _with_verdicts(connection: Connection, rows: Iterable[Row[Any]]) -> list[Kept]:
    heads = [EvaluationRow(**row._mapping) for row in rows]
    if not heads:
        return []
    ids = [head.request_id for head in heads]
    wanted = select(verdicts).where(verdicts.c.request_id.in_(ids)).order_by(verdicts.c.request_id, verdicts.c.place)
    by_request: dict[str, list[VerdictRow]] = {}
    for row in connection.execute(wanted):
        by_request.setdefault(row.request_id, []).append(VerdictRow(**row._mapping))
    return [(head, tuple(by_request.get(head.request_id, ()))) for head in heads]


def _matching(filters: Mapping[str, Any]) -> Sequence[ColumnElement[bool]]:
    conditions = [evaluations.c[name] == filters[name] for name in FILTERS if filters.get(name) is not None]
    if filters.get("sentinel") is not None:
        said = (verdicts.c.request_id == evaluations.c.request_id) & (verdicts.c.sentinel == filters["sentinel"])
        conditions.append(exists().where(said))
    if filters.get("since") is not None:
        conditions.append(evaluations.c.created >= filters["since"])
    if filters.get("until") is not None:
        conditions.append(evaluations.c.created < filters["until"])
    return conditions

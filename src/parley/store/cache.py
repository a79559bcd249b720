"""Answers that may be given again: found by key or scope, trimmed to their bounds, purged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, func, select, update

from parley.core.enclosures import CachedAnswer
from parley.core.holdings import CacheRow
from parley.store.database import Database
from parley.store.revisions import CACHE, raise_revision
from parley.store.tables import cached_answers

FILTERS = ("account", "application", "namespace", "user_id", "key", "model")
PIECE = 500
"""Rows that are named in one statement, or removed by one."""
COLUMNS = [cached_answers.c[name] for name in CachedAnswer.__struct_fields__]
WITHOUT_REPLY = [column for column in COLUMNS if column.name != "reply"]


class CachedAnswers:
    """The repository of answers; the ledger writes them, each together with the record of its request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, key: str, now: float) -> CachedAnswer | None:
        """The answer that counts for this key, unless it is too old."""
        wanted = select(*COLUMNS).where(cached_answers.c.key == key).order_by(cached_answers.c.created.desc()).limit(1)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None or row.expires <= now else _answer(row)

    async def of_scope(self, scope: str, since: float, now: float, most: int) -> list[CachedAnswer]:
        """Questions that were answered within a scope after `since`, newest last; their replies are left empty."""
        wanted = (
            select(*WITHOUT_REPLY)
            .where(cached_answers.c.scope == scope, cached_answers.c.created > since, cached_answers.c.expires > now)
            .order_by(cached_answers.c.created.desc())
            .limit(most)
        )
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        return [_answer(row, reply=b"") for row in reversed(found)]

    async def used(self, at: Mapping[str, float]) -> None:
        """Notes when answers were last given, by id."""

        def work(connection: Connection) -> None:
            for id, moment in at.items():
                connection.execute(update(cached_answers).where(cached_answers.c.id == id).values(used=moment))

        await self._database.write(work)

    async def trim(self, now: float, most: int, largest: int) -> int:
        """Removes what is too old, what a newer answer replaces and, least used first, what is beyond the bounds.

        `most` entries and `largest` bytes may stay. Returns how many went; at most a few thousand at a time.
        """
        newer = cached_answers.alias()
        replaced = exists().where(newer.c.key == cached_answers.c.key, newer.c.created > cached_answers.c.created)
        stale = select(cached_answers.c.id).where((cached_answers.c.expires <= now) | replaced).limit(10 * PIECE)

        def work(connection: Connection) -> int:
            gone = _remove(connection, [row.id for row in connection.execute(stale)])
            return gone + _remove(connection, list(_beyond(connection, most, largest)))

        return await self._database.write(work)

    async def purge(self, filters: Mapping[str, str]) -> int:
        """Removes what fits every filter (names of `FILTERS`; none: everything), in every worker; how many went."""

        def work(connection: Connection) -> int:
            raise_revision(connection, CACHE)
            return connection.execute(delete(cached_answers).where(*_matching(filters))).rowcount

        return await self._database.write(work)

    async def forget(self, account: str, application: str, user_id: str) -> int:
        """Removes every answer that was made for this user; how many there were."""
        return await self.purge({"account": account, "application": application, "user_id": user_id})

    async def retract(self, id: str) -> bool:
        """Removes the answer to one request, which turned out to be none to give again; whether it was there."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(cached_answers).where(cached_answers.c.id == id)).rowcount > 0
            if gone:
                raise_revision(connection, CACHE)
            return gone

        return await self._database.write(work)

    async def replaced(self) -> None:
        """Tells every worker that an answer was replaced."""
        await self._database.write(lambda connection: raise_revision(connection, CACHE))

    async def sums(self, filters: Mapping[str, str], now: float) -> list[CacheRow]:
        """What is kept, per account, application and namespace; the largest first."""
        groups = [cached_answers.c[name] for name in ("account", "application", "namespace")]
        total = func.sum(cached_answers.c.size).label("bytes")
        wanted: Select[Any] = (
            select(*groups, func.count().label("entries"), total, func.count(cached_answers.c.scope).label("semantic"))
            .where(cached_answers.c.expires > now, *_matching(filters))
            .group_by(*groups)
            .order_by(total.desc())
            .limit(1000)
        )
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        return [CacheRow(**{**row._mapping, "bytes": int(row.bytes)}) for row in found]


def _matching(filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [cached_answers.c[name] == value for name, value in filters.items() if name in FILTERS]


def _beyond(connection: Connection, most: int, largest: int) -> Iterable[str]:
    """The least used entries that have to go."""
    counted = connection.execute(select(func.count(), func.coalesce(func.sum(cached_answers.c.size), 0))).one()
    entries, size = int(counted[0]), int(counted[1])
    if entries <= most and size <= largest:
        return
    oldest = select(cached_answers.c.id, cached_answers.c.size).order_by(cached_answers.c.used).limit(10 * PIECE)
    for row in connection.execute(oldest).all():
        if entries <= most and size <= largest:
            return
        entries, size = entries - 1, size - row.size
        yield row.id


def _remove(connection: Connection, ids: Sequence[str]) -> int:
    for start in range(0, len(ids), PIECE):
        connection.execute(delete(cached_answers).where(cached_answers.c.id.in_(ids[start : start + PIECE])))
    return len(ids)


def _answer(row: Row[Any], **more: Any) -> CachedAnswer:
    return CachedAnswer(**row._mapping, **more)

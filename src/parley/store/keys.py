"""Keys at rest: hashes, never secrets."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from parley.core.allowances import Allowance
from parley.core.errors import Conflict
from parley.core.holdings import Key, Page
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.revisions import KEYS, raise_revision
from parley.store.tables import keys


class Keys:
    """The repository of keys; every change moves the counter `keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: Key) -> None:
        """Keeps a new key. Raises Conflict where its id or hash is there already."""

        def work(connection: Connection) -> None:
            try:
                connection.execute(insert(keys).values(_values(key)))
            except IntegrityError:
                raise Conflict(f"The key {key.id} is there already.") from None
            raise_revision(connection, KEYS)

        await self._database.write(work)

    async def get(self, id: str) -> Key | None:
        """The key with this id, revoked or not."""
        return await self._one(keys.c.id == id)

    async def get_by_hash(self, hash: str) -> Key | None:
        """The key whose secret has this SHA-256 (hex), revoked or not."""
        return await self._one(keys.c.hash == hash)

    async def page(self, limit: int, after: str | None = None) -> Page[Key]:
        """Keys, newest first; `after` is the `next` of the page before. Raises BadRequest for another `after`."""
        wanted = select(keys).order_by(keys.c.created.desc(), keys.c.id.desc()).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(tuple_(keys.c.created, keys.c.id) < read_cursor(after, tuple[float, str]))
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [_key(row) for row in found[:limit]]
        return Page(shown, write_cursor((shown[-1].created, shown[-1].id)) if len(found) > limit else None)

    async def revoke(self, id: str, at: float) -> Key | None:
        """Ends a key at `at` (epoch seconds) unless it ended before; None where there is no such key."""

        def work(connection: Connection) -> Key | None:
            ended = update(keys).where(keys.c.id == id, keys.c.revoked_at.is_(None)).values(revoked_at=at)
            if connection.execute(ended).rowcount:
                raise_revision(connection, KEYS)
            row = connection.execute(select(keys).where(keys.c.id == id)).first()
            return None if row is None else _key(row)

        return await self._database.write(work)

    async def allow(self, id: str, allowance: Allowance | None) -> Key | None:
        """Changes what a key may use; None where there is no such key."""

        def work(connection: Connection) -> Key | None:
            changed = update(keys).where(keys.c.id == id).values(allowance=written(allowance))
            if connection.execute(changed).rowcount:
                raise_revision(connection, KEYS)
            row = connection.execute(select(keys).where(keys.c.id == id)).first()
            return None if row is None else _key(row)

        return await self._database.write(work)

    async def active(self) -> list[Key]:
        """Every key that is not revoked, oldest first."""
        wanted = select(keys).where(keys.c.revoked_at.is_(None)).order_by(keys.c.created, keys.c.id)
        return await self._database.read(lambda connection: [_key(row) for row in connection.execute(wanted)])

    async def _one(self, which: ColumnElement[bool]) -> Key | None:
        row = await self._database.read(lambda connection: connection.execute(select(keys).where(which)).first())
        return None if row is None else _key(row)


def _values(key: Key) -> dict[str, Any]:
    values = {name: getattr(key, name) for name in Key.__struct_fields__}
    return {**values, "scopes": " ".join(key.scopes), "allowance": written(key.allowance)}


def written(allowance: Allowance | None) -> str | None:
    """An allowance as it is kept."""
    return None if allowance is None else msgspec.json.encode(allowance).decode()


def _key(row: Row[Any]) -> Key:
    values = dict(row._mapping)
    kept = values.pop("allowance")
    allowance = None if kept is None else msgspec.json.decode(kept, type=Allowance)
    return Key(**{**values, "scopes": tuple(values["scopes"].split()), "allowance": allowance})

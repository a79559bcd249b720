"""Named routing configs, and every version of each."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select

from parley.core.errors import Conflict
from parley.core.holdings import NamedConfig, Page
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.revisions import CONFIGS, raise_revision
from parley.store.tables import configs


class Configs:
    """The repository of named configs; every change moves the counter `configs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, name: str, config: Mapping[str, Any], author: str, at: float, expect: int | None = None
    ) -> NamedConfig:
        """A new version. Raises Conflict where `expect` is given and is not the current version (0: none yet)."""

        def work(connection: Connection) -> NamedConfig:
            raise_revision(connection, CONFIGS)  # first: it makes two who change at once wait for one another
            newest = select(func.max(configs.c.version)).where(configs.c.name == name)
            current: int = connection.execute(newest).scalar() or 0
            if expect is not None and expect != current:
                raise Conflict(f"The current version is {current}, not {expect}: somebody changed it in between.")
            kept = NamedConfig(name=name, version=current + 1, created=at, author=author, config=dict(config))
            values = {field: getattr(kept, field) for field in NamedConfig.__struct_fields__}
            connection.execute(insert(configs).values({**values, "config": msgspec.json.encode(kept.config).decode()}))
            return kept

        return await self._database.write(work)

    async def all_current(self) -> list[NamedConfig]:
        """The version that counts of every name, by name."""
        newest = select(configs.c.name, func.max(configs.c.version).label("version")).group_by(configs.c.name)
        last = newest.subquery()
        wanted = (
            select(configs)
            .join(last, (last.c.name == configs.c.name) & (last.c.version == configs.c.version))
            .order_by(configs.c.name)
        )
        return await self._database.read(lambda connection: [_read(row) for row in connection.execute(wanted)])

    async def version(self, name: str, n: int) -> NamedConfig | None:
        """One version."""
        wanted = select(configs).where(configs.c.name == name, configs.c.version == n)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _read(row)

    async def versions(self, name: str, limit: int, after: str | None = None) -> Page[NamedConfig]:
        """Every version, newest first. Raises BadRequest for an `after` that is no cursor."""
        wanted = select(configs).where(configs.c.name == name).order_by(configs.c.version.desc()).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(configs.c.version < read_cursor(after, tuple[int])[0])
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [_read(row) for row in found[:limit]]
        return Page(shown, write_cursor((shown[-1].version,)) if len(found) > limit else None)

    async def delete(self, name: str) -> bool:
        """Removes a config with every version; whether there was one."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(configs).where(configs.c.name == name)).rowcount > 0
            if gone:
                raise_revision(connection, CONFIGS)
            return gone

        return await self._database.write(work)


def _read(row: Row[Any]) -> NamedConfig:
    values = dict(row._mapping)
    return NamedConfig(**{**values, "config": msgspec.json.decode(values["config"])})

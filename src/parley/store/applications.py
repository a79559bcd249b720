"""Applications and intents, and every version of their configuration."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, tuple_, update

from parley.core.errors import Conflict
from parley.core.holdings import Named, Page, Settled
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database, InsertNew
from parley.store.revisions import APPLICATIONS, raise_revision
from parley.store.tables import applications, configurations

ITSELF = ""
"""What stands in the column `intent` for the application itself."""


class Applications:
    """The repository of names and configurations; every change of a configuration moves the counter `applications`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def touch(self, application: str, intent: str | None, at: float) -> None:
        """Notes that they exist; does nothing where they do."""
        await self._database.write(lambda connection: _note(connection, application, intent, at))

    async def settle(
        self,
        application: str,
        intent: str | None,
        config: Mapping[str, Any],
        author: str,
        at: float,
        expect: int | None = None,
    ) -> Settled:
        """A new version. Raises Conflict where `expect` is given and is not the current version (0: none yet)."""

        def work(connection: Connection) -> Settled:
            _note(connection, application, intent, at)
            held = select(applications.c.version).where(_named(application, intent)).with_for_update()
            current: int = connection.execute(held).scalar_one()
            if expect is not None and expect != current:
                raise Conflict(f"The current version is {current}, not {expect}: somebody changed it in between.")
            last = select(configurations.c.version).where(_settled(application, intent))
            number = (connection.execute(last.order_by(configurations.c.version.desc()).limit(1)).scalar() or 0) + 1
            settled = Settled(
                application=application, intent=intent, version=number, created=at, author=author, config=dict(config)
            )
            connection.execute(insert(configurations).values(_values(settled)))
            connection.execute(update(applications).where(_named(application, intent)).values(version=number))
            raise_revision(connection, APPLICATIONS)
            return settled

        return await self._database.write(work)

    async def current(self, application: str, intent: str | None) -> Settled | None:
        """The version that counts, or None where there is none."""
        wanted = CURRENT.where(_settled(application, intent))
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _read(row)

    async def all_current(self) -> list[Settled]:
        """The version that counts of every application and intent."""
        wanted = CURRENT.order_by(configurations.c.application, configurations.c.intent)
        return await self._database.read(lambda connection: [_read(row) for row in connection.execute(wanted)])

    async def version(self, application: str, intent: str | None, n: int) -> Settled | None:
        """One version."""
        wanted = select(configurations).where(_settled(application, intent), configurations.c.version == n)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _read(row)

    async def versions(
        self, application: str, intent: str | None, limit: int = 50, after: str | None = None
    ) -> Page[Settled]:
        """Every version, newest first. Raises BadRequest for an `after` that is no cursor."""
        wanted = select(configurations).where(_settled(application, intent))
        wanted = wanted.order_by(configurations.c.version.desc()).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(configurations.c.version < read_cursor(after, tuple[int])[0])
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [_read(row) for row in found[:limit]]
        return Page(shown, write_cursor((shown[-1].version,)) if len(found) > limit else None)

    async def page(self, limit: int, after: str | None = None) -> Page[Named]:
        """Applications and intents by name, each application before its intents. Raises BadRequest as `versions`."""
        place = tuple_(applications.c.application, applications.c.intent)
        wanted = select(applications).order_by(applications.c.application, applications.c.intent).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(place > read_cursor(after, tuple[str, str]))
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [_name(row) for row in found[:limit]]
        last = found[limit - 1] if len(found) > limit else None
        return Page(shown, None if last is None else write_cursor((last.application, last.intent)))

    async def intents(self, application: str) -> list[Named]:
        """The intents of an application by name."""
        wanted = select(applications).where(applications.c.application == application, applications.c.intent != ITSELF)
        wanted = wanted.order_by(applications.c.intent)
        return await self._database.read(lambda connection: [_name(row) for row in connection.execute(wanted)])

    async def delete(self, application: str, intent: str | None) -> bool:
        """Removes an intent, or an application with all its intents, and their versions; whether there was one."""

        def work(connection: Connection) -> bool:
            gone = 0
            for table in (configurations, applications):
                which = [table.c.application == application]
                if intent is not None:
                    which.append(table.c.intent == intent)
                gone = connection.execute(delete(table).where(*which)).rowcount
            if gone:
                raise_revision(connection, APPLICATIONS)
            return gone > 0

        return await self._database.write(work)


CURRENT = select(configurations).join(
    applications,
    and_(
        applications.c.application == configurations.c.application,
        applications.c.intent == configurations.c.intent,
        applications.c.version == configurations.c.version,
    ),
)


def _note(connection: Connection, application: str, intent: str | None, at: float) -> None:
    for name in (ITSELF,) if intent is None else (ITSELF, intent):
        new = {"application": application, "intent": name, "created": at, "version": 0}
        connection.execute(InsertNew(applications).values(new))


def _named(application: str, intent: str | None) -> ColumnElement[bool]:
    return and_(applications.c.application == application, applications.c.intent == (intent or ITSELF))


def _settled(application: str, intent: str | None) -> ColumnElement[bool]:
    return and_(configurations.c.application == application, configurations.c.intent == (intent or ITSELF))


def _values(settled: Settled) -> dict[str, Any]:
    values = {name: getattr(settled, name) for name in Settled.__struct_fields__}
    return {**values, "intent": settled.intent or ITSELF, "config": msgspec.json.encode(settled.config).decode()}


def _read(row: Row[Any]) -> Settled:
    values = dict(row._mapping)
    return Settled(**{**values, "intent": values["intent"] or None, "config": msgspec.json.decode(values["config"])})


def _name(row: Row[Any]) -> Named:
    values = dict(row._mapping)
    return Named(**{**values, "intent": values["intent"] or None})

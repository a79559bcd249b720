"""Stored prompts, and every version of each."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from parley.core.holdings import Prompt
from parley.store.database import Database
from parley.store.revisions import PROMPTS, raise_revision
from parley.store.tables import prompts


class Prompts:
    """The repository of prompts; every change moves the counter `prompts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, slug: str, name: str, content: dict[str, Any], author: str, at: float) -> Prompt:
        """A new version; the first one of a slug is published."""

        def work(connection: Connection) -> Prompt:
            raise_revision(connection, PROMPTS)  # first: it makes two who change at once wait for one another
            last = connection.execute(select(func.max(prompts.c.version)).where(prompts.c.slug == slug)).scalar() or 0
            made = Prompt(
                slug=slug,
                version=last + 1,
                name=name,
                created=at,
                author=author,
                published=last == 0,
                content=content,
            )
            values = {field: getattr(made, field) for field in Prompt.__struct_fields__}
            connection.execute(insert(prompts).values({**values, "content": msgspec.json.encode(content).decode()}))
            return made

        return await self._database.write(work)

    async def publish(self, slug: str, version: int) -> bool:
        """Lets this version be the one that is asked; whether there is such a version."""

        def work(connection: Connection) -> bool:
            raise_revision(connection, PROMPTS)
            own = prompts.c.slug == slug
            found = connection.execute(select(prompts.c.slug).where(own, prompts.c.version == version)).first()
            if found is not None:
                connection.execute(update(prompts).where(own).values(published=prompts.c.version == version))
            return found is not None

        return await self._database.write(work)

    async def all_published(self) -> list[Prompt]:
        """The published version of every slug, by slug."""
        wanted = select(prompts).where(prompts.c.published).order_by(prompts.c.slug)
        return await self._database.read(lambda connection: [_read(row) for row in connection.execute(wanted)])

    async def versions(self, slug: str) -> list[Prompt]:
        """Every version of a slug, newest first."""
        wanted = select(prompts).where(prompts.c.slug == slug).order_by(prompts.c.version.desc())
        return await self._database.read(lambda connection: [_read(row) for row in connection.execute(wanted)])

    async def delete(self, slug: str) -> bool:
        """Removes a prompt with every version; whether there was one."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(prompts).where(prompts.c.slug == slug)).rowcount > 0
            if gone:
                raise_revision(connection, PROMPTS)
            return gone

        return await self._database.write(work)


def _read(row: Row[Any]) -> Prompt:
    values = dict(row._mapping)
    return Prompt(**{**values, "content": msgspec.json.decode(values["content"])})

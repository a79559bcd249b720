"""Who wants to hear of what happens, at rest; every change moves the counter `webhooks`."""

from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, delete, insert, select, update

from parley.core.holdings import Webhook
from parley.store.database import Database
from parley.store.revisions import WEBHOOKS, raise_revision
from parley.store.tables import webhooks


class Webhooks:
    """The repository of webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Webhook]:
        """Every one, oldest first."""
        wanted = select(webhooks).order_by(webhooks.c.created, webhooks.c.id)
        return await self._database.read(lambda connection: [_read(row) for row in connection.execute(wanted)])

    async def add(self, hook: Webhook) -> None:
        """Keeps a new one."""

        def work(connection: Connection) -> None:
            connection.execute(insert(webhooks).values(_written(hook)))
            raise_revision(connection, WEBHOOKS)

        await self._database.write(work)

    async def replace(self, hook: Webhook) -> None:
        """Keeps one as it is now."""

        def work(connection: Connection) -> None:
            connection.execute(update(webhooks).where(webhooks.c.id == hook.id).values(_written(hook)))
            raise_revision(connection, WEBHOOKS)

        await self._database.write(work)

    async def delete(self, id: str) -> bool:
        """Forgets one; False where there is none."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(webhooks).where(webhooks.c.id == id)).rowcount > 0
            if gone:
                raise_revision(connection, WEBHOOKS)
            return gone

        return await self._database.write(work)


def _written(hook: Webhook) -> dict[str, Any]:
    return {**structs.asdict(hook), "events": msgspec.json.encode(hook.events).decode()}


def _read(row: Row[Any]) -> Webhook:
    values = dict(row._mapping)
    return Webhook(**{**values, "events": tuple(msgspec.json.decode(values["events"], type=list[str]))})

"""Counters that rise with every change, so that other processes notice it with one cheap query."""

from sqlalchemy import Connection, select, update

from parley.store.database import Database, InsertNew
from parley.store.tables import revisions

ACCOUNTS = "accounts"
KEYS = "keys"
APPLICATIONS = "applications"
CONFIGS = "configs"
WEBHOOKS = "webhooks"
MEMORY = "memory"
CACHE = "cache"
PROMPTS = "prompts"


class Revisions:
    """The counters by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> dict[str, int]:
        """Every counter; one that never moved is missing."""
        found = await self._database.read(lambda connection: connection.execute(select(revisions)).all())
        return {name: count for name, count in found}  # noqa: C416  rows are no pairs for the type checker

    async def bump(self, name: str) -> None:
        """Raises one counter."""
        await self._database.write(lambda connection: raise_revision(connection, name))


def raise_revision(connection: Connection, name: str) -> None:
    """Raises a counter within the transaction of the change that it announces."""
    connection.execute(InsertNew(revisions).values(name=name, revision=0))
    raised = update(revisions).where(revisions.c.name == name).values(revision=revisions.c.revision + 1)
    connection.execute(raised)

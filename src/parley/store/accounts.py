"""Accounts at rest."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from parley.core.allowances import Account, Allowance
from parley.core.holdings import Page
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database, InsertNew
from parley.store.revisions import ACCOUNTS, raise_revision
from parley.store.tables import accounts


class Accounts:
    """The repository of accounts; every change of an allowance moves the counter `accounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Account]:
        """Every account, by id."""
        wanted = select(accounts).order_by(accounts.c.id)
        return await self._database.read(lambda connection: [_account(row) for row in connection.execute(wanted)])

    async def get(self, id: str) -> Account | None:
        """One account."""
        wanted = select(accounts).where(accounts.c.id == id)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _account(row)

    async def page(self, limit: int, after: str | None = None) -> Page[Account]:
        """Accounts by id. Raises BadRequest for an `after` that is no cursor."""
        wanted = select(accounts).order_by(accounts.c.id).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(accounts.c.id > read_cursor(after, tuple[str])[0])
        found = await self._database.read(lambda connection: list(connection.execute(wanted)))
        shown = [_account(row) for row in found[:limit]]
        return Page(shown, write_cursor((shown[-1].id,)) if len(found) > limit else None)

    async def put(self, account: Account) -> None:
        """Keeps an account as it is now."""

        def work(connection: Connection) -> None:
            raise_revision(connection, ACCOUNTS)
            connection.execute(delete(accounts).where(accounts.c.id == account.id))
            connection.execute(insert(accounts).values(_values(account)))

        await self._database.write(work)

    async def note(self, ids: Iterable[str], at: float) -> None:
        """Makes accounts that are not there yet, without an allowance."""
        rows = [_values(Account(id=id, name=id, created=at)) for id in sorted(set(ids))]
        if rows:
            await self._database.write(lambda connection: connection.execute(InsertNew(accounts), rows))

    async def delete(self, id: str) -> bool:
        """Forgets an account; False where there is none."""

        def work(connection: Connection) -> bool:
            raise_revision(connection, ACCOUNTS)
            return connection.execute(delete(accounts).where(accounts.c.id == id)).rowcount > 0

        return await self._database.write(work)


def _values(account: Account) -> dict[str, Any]:
    allowance = msgspec.json.encode(account.allowance).decode()
    return {"id": account.id, "name": account.name, "created": account.created, "allowance": allowance}


def _account(row: Row[Any]) -> Account:
    allowance = msgspec.json.decode(row.allowance, type=Allowance)
    return Account(id=row.id, name=row.name, created=row.created, allowance=allowance)

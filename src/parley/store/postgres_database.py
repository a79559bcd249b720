"""PostgreSQL for the repositories: a server, spoken to with asyncpg."""

from typing import TypeVar

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from parley.store.address import PostgresAddress
from parley.store.database import CONNECTIONS, POOL_WAIT, Work, trouble
from parley.store.postgres_connection import connect

T = TypeVar("T")

COMMAND = 30.0
"""Seconds that one statement may take."""


class PostgresDatabase:
    """A server, spoken to with asyncpg."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

        async def creator() -> asyncpg.Connection:
            return await connect(address, timeout=POOL_WAIT, command_timeout=COMMAND)

        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=creator,
            pool_size=CONNECTIONS,
            max_overflow=CONNECTIONS,
            pool_timeout=POOL_WAIT,
            pool_pre_ping=True,
        )

    async def read(self, work: Work[T]) -> T:
        """As the protocol says."""
        return await self.write(work)

    async def write(self, work: Work[T]) -> T:
        """As the protocol says."""
        try:
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise trouble(self._address, error) from None

    async def write_unsynced(self, work: Work[T]) -> T:
        """As the protocol says."""

        def unsynced(connection: Connection) -> T:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            return work(connection)

        return await self.write(unsynced)

    async def close(self) -> None:
        """As the protocol says."""
        await self._engine.dispose()

"""A database as the repositories see it: pieces of work on a connection, each in one transaction, off the event loop.

The same synchronous work runs on both: on SQLite in a few threads (a file has no use for more), on PostgreSQL over
asyncpg. No transaction outlives its piece of work.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg
from sqlalchemy import Connection, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from parley.store.address import Address, PostgresAddress, SqliteAddress
from parley.store.errors import StoreError
from parley.store.postgres_connection import connect

T = TypeVar("T")
Work = Callable[[Connection], T]

THREADS = 4
BUSY = 5.0
POOL_WAIT = 10.0

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",  # pages; a longer log rewrites the hot pages of the indexes less often
)


class Database(Protocol):
    """What a repository needs."""

    async def read(self, work: Work[T]) -> T:
        """Runs `work` in a transaction that writes nothing. Raises StoreError."""

    async def write(self, work: Work[T]) -> T:
        """Runs `work` in a transaction and commits it. Raises StoreError, and whatever else `work` raises."""

    async def close(self) -> None:
        """Ends every connection."""


class SqliteDatabase:
    """A file, read and written in threads."""

    def __init__(self, address: SqliteAddress) -> None:
        self._address = address
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")
        self._engine = create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=THREADS, pool_timeout=POOL_WAIT
        )
        event.listen(self._engine, "begin", _begin)
        self._writing = self._engine.execution_options(writes=True)

    def _connect(self) -> sqlite3.Connection:
        return connect_sqlite(self._address.path, BUSY, check_same_thread=False)

    async def read(self, work: Work[T]) -> T:
        """As the protocol says."""
        return await self._run(self._engine, work)

    async def write(self, work: Work[T]) -> T:
        """As the protocol says."""
        return await self._run(self._writing, work)

    async def _run(self, engine: Any, work: Work[T]) -> T:
        def transaction() -> T:
            with engine.begin() as connection:
                return work(connection)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, transaction)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise trouble(self._address, error) from None

    async def close(self) -> None:
        """As the protocol says."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.dispose)
        self._threads.shutdown(wait=False)


class PostgresDatabase:
    """A server, spoken to with asyncpg."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

        async def creator() -> asyncpg.Connection:
            return await connect(address, timeout=POOL_WAIT, command_timeout=30.0)

        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=creator,
            pool_size=THREADS,
            max_overflow=THREADS,
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

    async def close(self) -> None:
        """As the protocol says."""
        await self._engine.dispose()


def connect_sqlite(path: Path, busy: float, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """A connection that never waits longer than `busy` seconds for a lock. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=busy, isolation_level=None, check_same_thread=check_same_thread, cached_statements=256
    )
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> None:
    """Takes the write lock first where something is written: a reader that turns writer may only be refused."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_new(connection: Connection, table: Table) -> Any:
    """An INSERT that passes over rows whose key is there already."""
    kinds: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return kinds[connection.dialect.name](table).on_conflict_do_nothing()


def trouble(address: Address, error: BaseException) -> StoreError:
    """The sentence for what a driver said, without statements, values or passwords."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cause = said.__cause__ or said
    reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    return StoreError(f"{str(address)[0].upper()}{str(address)[1:]} does not answer: {reason}.", retry_after="1")

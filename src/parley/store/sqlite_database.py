"""SQLite for the repositories: a file, read and written in a few threads; a file has no use for more."""

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from parley.store.address import SqliteAddress
from parley.store.database import CONNECTIONS, POOL_WAIT, Work, trouble
from parley.store.errors import Away
from parley.store.turn import Turn

T = TypeVar("T")

BUSY = 5.0
"""Seconds for which a piece of work waits for a lock."""

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",  # pages; a longer log rewrites the hot pages of the indexes less often
)


class SqliteDatabase:
    """A file, read and written in threads."""

    def __init__(self, address: SqliteAddress) -> None:
        self._address = address
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="store")
        self._engine = create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=CONNECTIONS, pool_timeout=POOL_WAIT
        )
        event.listen(self._engine, "begin", _begin)
        self._writing = self._engine.execution_options(writes=True)
        # In WAL mode NORMAL leaves the disk to the next commit of somebody else, or to a checkpoint.
        unsynced = create_engine(
            "sqlite://", creator=self._connect_unsynced, poolclass=QueuePool, pool_size=1, pool_timeout=POOL_WAIT
        )
        event.listen(unsynced, "begin", _begin)
        self._unsynced = unsynced.execution_options(writes=True)
        self._turn = _Turns(address.path)

    def _connect(self) -> sqlite3.Connection:
        return connect_sqlite(self._address.path, BUSY, check_same_thread=False)

    def _connect_unsynced(self) -> sqlite3.Connection:
        connection = self._connect()
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    async def read(self, work: Work[T]) -> T:
        """As the protocol says."""
        return await self._run(self._engine, work)

    async def write(self, work: Work[T]) -> T:
        """As the protocol says."""
        return await self._run(self._writing, work, self._turn)

    async def write_unsynced(self, work: Work[T]) -> T:
        """As the protocol says."""
        return await self._run(self._unsynced, work, self._turn)

    async def _run(self, engine: Engine, work: Work[T], turn: "_Turns | None" = None) -> T:
        def transaction() -> T:
            with turn or nullcontext(), engine.begin() as connection:
                return work(connection)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, transaction)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise trouble(self._address, error) from None

    async def close(self) -> None:
        """As the protocol says."""
        for engine in (self._engine, self._unsynced):
            await asyncio.get_running_loop().run_in_executor(self._threads, engine.dispose)
        self._threads.shutdown(wait=False)
        self._turn.close()


class _Turns:
    """The turn to write, for threads: one of them waits for those of other connections, the others for it.

    Without it the ledger would meet SQLite's own waiting, which sleeps up to 100 ms, wherever a repository writes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}-turn")
        self._one = threading.Lock()
        self._turn: Turn | None = None

    def __enter__(self) -> None:
        self._one.acquire()
        try:
            if self._turn is None:
                self._turn = Turn(self._path, BUSY)
            self._turn.__enter__()
        except BaseException as error:
            self._one.release()
            if isinstance(error, OSError | Away):
                raise sqlite3.OperationalError(str(error)) from None
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._turn is not None:
            self._turn.__exit__(kind, error, trace)
        self._one.release()

    def close(self) -> None:
        """Lets the file go."""
        if self._turn is not None:
            self._turn.close()
            self._turn = None


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

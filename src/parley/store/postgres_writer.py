"""Writes batches of rows to PostgreSQL: one statement, one round trip, one commit for all that wait.

It runs on an event loop of its own in the ledger's thread, so that the ledger treats both databases alike.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import asyncpg
import uvloop
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from parley.core.enclosures import Charge
from parley.store.address import PostgresAddress
from parley.store.enclosures import CHARGE, NONE, TABLES, Rows, charges_of
from parley.store.errors import Away, Unfit
from parley.store.postgres_connection import connect
from parley.store.rows import COLUMNS, Row
from parley.store.tables import requests

UNFIT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.exceptions.ProtocolViolationError,
    UnicodeEncodeError,
    OverflowError,
)
GONE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What a lost server looks like; a connection that was cut amid an operation may lose its own thread (asyncpg 0.31)."""


def insert_of(table: Table, columns: Sequence[str]) -> str:
    """The INSERT whose parameters are the columns, each as an array."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    kinds = [table.c[name].type.compile(dialect=dialect) for name in columns]
    arrays = ", ".join(f"${i}::{kind}[]" for i, kind in enumerate(kinds, 1))
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )


CHARGED = CHARGE.format("$1::varchar", "$2::float8", "$3::float8", "$4::varchar")
ENCLOSURES = {kind: insert_of(table, kind.__struct_fields__) for kind, table in TABLES.items()}


class PostgresWriter:
    """A connection of its own to a server; used by one thread."""

    def __init__(self, address: PostgresAddress, *, timeout: float) -> None:
        """`timeout` is how many seconds connecting, or one batch, may take."""
        self._address = address
        self._timeout = timeout
        self._statement = insert_of(requests, COLUMNS)
        self._runner: asyncio.Runner | None = None
        self._connection: asyncpg.Connection | None = None

    def open(self, patience: float | None = None) -> None:
        """Connects within `patience` seconds. Raises Away."""
        self.close()
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._runner = runner
        try:
            self._connection = runner.run(
                connect(self._address, timeout=patience or self._timeout, command_timeout=self._timeout)
            )
        except GONE as error:
            self.close()
            raise Away(_said(error)) from None

    def write(self, rows: Sequence[Row], enclosures: Rows = NONE) -> None:
        """Commits all rows or none; rows whose id is there already are passed over. Raises Away or Unfit."""
        if self._connection is None:
            raise Away("not connected")
        try:
            if enclosures:
                self._run(self._write_all(self._connection, rows, enclosures))
            else:
                self._run(self._connection.execute(self._statement, *zip(*rows, strict=True)))
        except UNFIT as error:
            raise Unfit(_said(error)) from None
        except GONE as error:
            self._connection.terminate()
            raise Away(_said(error)) from None

    async def _write_all(self, connection: asyncpg.Connection, rows: Sequence[Row], enclosures: Rows) -> None:
        async with connection.transaction():
            if charges := charges_of(enclosures):
                await connection.executemany(CHARGED, charges)
            await connection.execute(self._statement, *zip(*rows, strict=True))
            for kind, values in enclosures.items():
                if kind is Charge:
                    continue
                await connection.execute(ENCLOSURES[kind], *zip(*values, strict=True))

    def close(self) -> None:
        """Ends the connection."""
        if self._connection is not None and not self._connection.is_closed():
            try:
                self._run(self._connection.close(timeout=1.0))
            except GONE:
                self._connection.terminate()
        self._connection = None
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        assert self._runner is not None
        self._runner.run(work)


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

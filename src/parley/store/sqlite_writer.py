"""Writes batches of rows to SQLite: one statement for as many rows as wait, one transaction, one fsync.

A statement of many rows is one step into SQLite: the interpreter lock is let go once per batch, not once per row, so
the writer thread and the event loop do not trip over each other.
"""

import sqlite3
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from parley.core.enclosures import Charge
from parley.store.enclosures import CHARGE, NONE, TABLES, Rows, charges_of
from parley.store.errors import Away, Unfit
from parley.store.many_rows import MOST, insert_of
from parley.store.rows import COLUMNS, Row
from parley.store.sqlite_database import connect_sqlite
from parley.store.tables import requests
from parley.store.turn import Turn


class SqliteWriter:
    """A connection of its own to a file; used by one thread."""

    def __init__(self, path: Path, *, busy: float, pragmas: Sequence[str] = ()) -> None:
        """`busy` is how many seconds a lock of another process is waited for; `pragmas` run on each new connection."""
        self._path = path
        self._busy = busy
        self._pragmas = pragmas
        self._connection: sqlite3.Connection | None = None
        self._turn: Turn | None = None

    def open(self, patience: float | None = None) -> None:
        """Connects, waiting at most `patience` seconds for a lock while it does. Raises Away."""
        self.close()
        try:
            connection = connect_sqlite(self._path, self._busy if patience is None else patience)
            for pragma in self._pragmas:
                connection.execute(pragma)
            connection.execute("BEGIN IMMEDIATE")  # a lock that others still hold shows here, not under a batch
            connection.execute("SELECT count(*) FROM requests WHERE id = ''")
            connection.execute("ROLLBACK")
            connection.execute(f"PRAGMA busy_timeout = {int(self._busy * 1000)}")
            self._turn = Turn(self._path.with_name(f"{self._path.name}-turn"), self._busy)
        except (sqlite3.Error, OSError) as error:
            raise Away(str(error)) from None
        self._connection = connection

    def write(self, rows: Sequence[Row], enclosures: Rows = NONE) -> None:
        """Commits all rows or none; rows whose id is there already are passed over. Raises Away or Unfit."""
        if self._connection is None or self._turn is None:
            raise Away("not connected")
        with self._turn:
            self._write(self._connection, rows, enclosures)

    def _write(self, connection: sqlite3.Connection, rows: Sequence[Row], enclosures: Rows) -> None:
        try:
            if len(rows) <= MOST and not enclosures:
                _insert(connection, requests.name, COLUMNS, rows)
                return
            connection.execute("BEGIN IMMEDIATE")
            if charges := charges_of(enclosures):
                connection.executemany(CHARGE.format(*"????"), charges)
            _insert(connection, requests.name, COLUMNS, rows)
            for kind, values in enclosures.items():
                if kind is not Charge:
                    _insert(connection, TABLES[kind].name, kind.__struct_fields__, values)
            connection.execute("COMMIT")
        except (sqlite3.OperationalError, sqlite3.InternalError) as error:
            self._undo(connection)
            raise Away(str(error)) from None
        except (sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.IntegrityError) as error:
            self._undo(connection)
            raise Unfit(str(error)) from None
        except (UnicodeEncodeError, OverflowError) as error:
            self._undo(connection)
            raise Unfit(type(error).__name__) from None
        except sqlite3.Error as error:  # the file is damaged
            self._undo(connection)
            raise Away(str(error)) from None

    def close(self) -> None:
        """Ends the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _undo(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except sqlite3.Error:
                pass


def _insert(connection: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), MOST):
        part = rows[start : start + MOST]
        connection.execute(insert_of(table, columns, len(part)), list(chain.from_iterable(part)))

"""Enclosures as rows of their tables."""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, text

from parley.core.enclosures import (
    CachedAnswer,
    Charge,
    DocumentVectors,
    Enclosure,
    EvaluationRow,
    Job,
    MemoryRow,
    Receipt,
    Span,
    TraceMark,
    TurnRow,
    VerdictRow,
)
from parley.core.record import Record, Sealed
from parley.store import tables
from parley.store.database import InsertNew
from parley.store.many_rows import MOST, insert_of

TABLES: dict[type[Enclosure], Table] = {
    Job: tables.jobs,
    DocumentVectors: tables.document_vectors,
    CachedAnswer: tables.cached_answers,
    EvaluationRow: tables.evaluations,
    VerdictRow: tables.verdicts,
    TurnRow: tables.turns,
    MemoryRow: tables.memories,
    Receipt: tables.receipts,
    Span: tables.spans,
    TraceMark: tables.trace_marks,
}
"""Where each kind is kept; a test compares fields and columns."""

CHARGE = (
    f"INSERT INTO {tables.spending.name} (budget, since, spent) SELECT {{}}, {{}}, {{}} "  # noqa: S608
    f"WHERE NOT EXISTS (SELECT 1 FROM {tables.requests.name} WHERE id = {{}}) "
    f"ON CONFLICT (budget, since) DO UPDATE SET spent = {tables.spending.name}.spent + excluded.spent"
)
"""A charge is no row of its own but added to one; it has to come before the record that it looks for."""

_values = {kind: attrgetter(*kind.__struct_fields__) for kind in (*TABLES, Charge)}

Rows = dict[type[Enclosure], list[tuple[Any, ...]]]
"""Values in the order of the kind's fields."""

NONE: Rows = {}

NAMED = (":budget", "CAST(:since AS DOUBLE PRECISION)", "CAST(:amount AS DOUBLE PRECISION)", ":request_id")


def enclosed(records: Sequence[Record]) -> Rows:
    """The rows of everything that goes along with these records."""
    return rows_of(one for record in records if type(record) is Sealed for one in record.enclosures)


def rows_of(enclosures: Iterable[Enclosure]) -> Rows:
    """The rows of these enclosures."""
    rows: Rows = {}
    for one in enclosures:
        rows.setdefault(type(one), []).append(_values[type(one)](one))
    return rows


def charges_of(rows: Rows) -> list[tuple[Any, ...]]:
    """The charges among these rows; in one order everywhere, so that writers never wait for each other in a circle."""
    return sorted(rows.get(Charge, ()))


def insert_enclosures(connection: Connection, enclosures: Iterable[Enclosure]) -> None:
    """Writes them within the transaction of `connection`."""
    found = rows_of(enclosures)
    for charge in charges_of(found):
        connection.execute(text(CHARGE.format(*NAMED)), dict(zip(Charge.__struct_fields__, charge, strict=True)))
    for kind, rows in found.items():
        if kind is Charge:
            continue
        if connection.dialect.name == "sqlite":
            _insert_sqlite(connection, TABLES[kind].name, kind.__struct_fields__, rows)
            continue
        named = [dict(zip(kind.__struct_fields__, row, strict=True)) for row in rows]
        connection.execute(InsertNew(TABLES[kind]), named)


def _insert_sqlite(connection: Connection, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), MOST):
        part = rows[start : start + MOST]
        connection.exec_driver_sql(insert_of(table, columns, len(part)), tuple(chain.from_iterable(part)))

"""Enclosures as rows of their tables."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table

from parley.core.enclosures import (
    CachedAnswer,
    DocumentVectors,
    Enclosure,
    EvaluationRow,
    Job,
    MemoryRow,
    TurnRow,
    VerdictRow,
)
from parley.core.record import Record, Sealed
from parley.store import tables
from parley.store.database import InsertNew

TABLES: dict[type[Enclosure], Table] = {
    Job: tables.jobs,
    DocumentVectors: tables.document_vectors,
    CachedAnswer: tables.cached_answers,
    EvaluationRow: tables.evaluations,
    VerdictRow: tables.verdicts,
    TurnRow: tables.turns,
    MemoryRow: tables.memories,
}
"""Where each kind is kept; a test compares fields and columns."""

_values = {kind: attrgetter(*kind.__struct_fields__) for kind in TABLES}

Rows = dict[type[Enclosure], list[tuple[Any, ...]]]
"""Values in the order of the kind's fields."""

NONE: Rows = {}


def enclosed(records: Sequence[Record]) -> Rows:
    """The rows of everything that goes along with these records."""
    return rows_of(one for record in records if type(record) is Sealed for one in record.enclosures)


def rows_of(enclosures: Iterable[Enclosure]) -> Rows:
    """The rows of these enclosures."""
    rows: Rows = {}
    for one in enclosures:
        rows.setdefault(type(one), []).append(_values[type(one)](one))
    return rows


def insert_enclosures(connection: Connection, enclosures: Iterable[Enclosure]) -> None:
    """Writes them within the transaction of `connection`."""
    for kind, rows in rows_of(enclosures).items():
        named = [dict(zip(kind.__struct_fields__, row, strict=True)) for row in rows]
        connection.execute(InsertNew(TABLES[kind]), named)

"""SQLite's INSERT for many rows: one step into it, and one statement that is written once for each number of rows."""

from functools import cache

MOST = 64
"""Rows in one statement."""


@cache
def insert_of(table: str, columns: tuple[str, ...], rows: int) -> str:
    """The INSERT for this many rows, with its values as `?` in the order of the columns; keys that are there stay."""
    values = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([values] * rows)} ON CONFLICT DO NOTHING"  # noqa: S608

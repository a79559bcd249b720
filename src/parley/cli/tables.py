"""Prints tables for people and JSON for programs."""

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], footer: Sequence[Any] = ()) -> None:
    """A table; numbers stand to the right. What clients named is shown as it is, never as markup."""
    table = Table(show_footer=bool(footer), box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        number = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(
            name,
            Text(_text(footer[place])) if footer else "",
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=number,
        )
    for row in rows:
        table.add_row(*(Text(_text(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 400
    Console(width=width, highlight=False).print(table)


def print_json(value: Any) -> None:
    """Indented JSON."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:,.6f}".rstrip("0").rstrip(".")
    if isinstance(cell, int):
        return f"{cell:,}"
    return "".join(c if c.isprintable() else "?" for c in str(cell))

"""CSV (RFC 4180, and its cousins with semicolons, tabs and bars): each row as `column: value; column: value`."""

import csv
import io
from collections.abc import Iterator, Sequence

from parley.context.formats.block import Block
from parley.core.errors import BadRequest

DELIMITERS = ",;\t|"
TOGETHER = 50
"""Rows in a block; splitting cuts it further."""
csv.field_size_limit(2**31 - 1)  # the module's one limit for all; a document's size bounds its cells


def blocks(text: str) -> Iterator[Block]:
    """Rows under the names of their columns. Raises BadRequest for a quote that never ends and the like."""
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    waiting: list[str] = []
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if not columns:
                columns = [cell.strip() for cell in row]
                continue
            waiting.append(_line(columns, row))
            if len(waiting) == TOGETHER:
                yield Block((), "\n".join(waiting), lines=True)
                waiting = []
    except csv.Error as error:
        raise BadRequest(f"This is not CSV: {error} (line {rows.line_num}).", param="content") from None
    if waiting or columns:
        yield Block((), "\n".join(waiting) or ", ".join(columns), lines=True)


def _line(columns: Sequence[str], row: Sequence[str]) -> str:
    return "; ".join(
        f"{_name(columns, place)}: {' '.join(cell.split())}" for place, cell in enumerate(row) if cell.strip()
    )


def _name(columns: Sequence[str], place: int) -> str:
    named = columns[place] if place < len(columns) else ""
    return named or f"column {place + 1}"

"""Records as rows of the table `requests`, and back."""

from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Row as Found

from parley.core.record import Attempt, Record
from parley.core.reply import Usage
from parley.store.tables import requests

Row = tuple[Any, ...]

PLAIN = tuple(name for name in Record.__struct_fields__ if name not in ("usage", "metadata", "attempts"))
TOKENS = Usage.__struct_fields__
COLUMNS = (*PLAIN, *TOKENS, "metadata", "attempts")
"""The order of the values in a row."""

assert set(COLUMNS) == set(requests.c.keys())

_plain = attrgetter(*PLAIN)
_tokens = attrgetter(*TOKENS)
_uncounted = (None,) * len(TOKENS)
_json = msgspec.json.Encoder()
_attempts = msgspec.json.Decoder(tuple[Attempt, ...])


def row_of(record: Record) -> Row:
    """The record's values in the order of `COLUMNS`."""
    usage, metadata = record.usage, record.metadata
    return (
        *_plain(record),
        *(_uncounted if usage is None else _tokens(usage)),
        None if metadata is None else _json.encode(metadata).decode(),
        _json.encode(record.attempts).decode() if record.attempts is not None else None,
    )


def record_of(found: Found[Any]) -> Record:
    """The record in a row of the database; columns that were not read count as not kept."""
    values = dict(found._mapping)
    tokens = {name: values.pop(name) for name in TOKENS}
    kept, attempts = values.pop("metadata"), values.pop("attempts")
    return Record(
        **values,
        usage=None if tokens["prompt_tokens"] is None else Usage(**tokens),
        metadata=None if kept is None else msgspec.json.decode(kept),
        attempts=None if attempts is None else _attempts.decode(attempts),
    )


def mended(row: Row) -> Row:
    """The row as every database takes it: no NUL in a text, no name longer than an index can hold."""
    return tuple(
        _mended(value, None if name in UNBOUND else LONGEST) if isinstance(value, str) else value
        for name, value in zip(COLUMNS, row, strict=True)
    )


LONGEST = 100
"""Characters of a name: PostgreSQL's index entries end at 2,704 bytes, and the one by time holds eight names."""

UNBOUND = frozenset(("error", "metadata", "attempts", "trace_id", "reference_id", "upstream_model", "finish_reason"))


def _mended(text: str, most: int | None) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()[:most]

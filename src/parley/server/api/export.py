"""`/api/export`: every record of a time as JSON lines or CSV, streamed, oldest first."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from starlette.responses import Response, StreamingResponse

from parley.core.record import Record
from parley.core.reply import Usage
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.requests import shown
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Within
from parley.server.api.within import filters_of, ordered

COUNTS = (*Usage.__struct_fields__, "total_tokens")
COLUMNS = tuple(name for name in Record.__struct_fields__ if name != "usage")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PIECE = 64 * 1024


class ExportQuery(Within, frozen=True, kw_only=True):
    """Which requests, and in which form."""

    format: Literal["jsonl", "csv"] = "jsonl"


async def export(services: ApiServices, asked: Asked) -> Any:
    """The records as a stream; a fault on the way cuts the connection, so that a part is never taken for the whole."""
    query: ExportQuery = asked.query
    since, until = ordered(query.since, query.until)
    records = services.requests.export(since, until, filters_of(query))
    if query.format == "csv":
        return StreamingResponse(_csv(records), media_type="text/csv; charset=utf-8", headers=_saved_as("csv"))
    return StreamingResponse(_lines(records), media_type="application/jsonl", headers=_saved_as("jsonl"))


def sheet(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A small table as CSV."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([_cell(name) for name in columns])
    write.writerows([_cell(row[name]) for name in columns] for row in rows)
    return out.getvalue().encode()


def lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A small table as JSON lines."""
    return b"".join(msgspec.json.encode({name: row[name] for name in columns}) + b"\n" for row in rows)


def _whole(ending: str, kind: str) -> Callable[[str, bytes], Response]:
    def made(name: str, body: bytes) -> Response:
        named = {"content-disposition": f'attachment; filename="{name}.{ending}"'}
        return Response(body, media_type=kind, headers=named)

    return made


SHEETS = {"csv": _whole("csv", "text/csv; charset=utf-8"), "jsonl": _whole("jsonl", "application/jsonl")}
"""A whole table as an answer: its file's name, its bytes."""


def _saved_as(ending: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="parley-requests.{ending}"'}


async def _lines(records: AsyncIterator[Record]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for record in records:
        waiting += msgspec.json.encode(shown(record)) + b"\n"
        if len(waiting) >= PIECE:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


async def _csv(records: AsyncIterator[Record]) -> AsyncIterator[bytes]:
    sheet = io.StringIO()
    write = csv.writer(sheet)
    write.writerow([*COLUMNS, *COUNTS])
    async for record in records:
        usage = record.usage
        cells = [_cell(getattr(record, name)) for name in COLUMNS]
        write.writerow([*cells, *(getattr(usage, name) if usage else "" for name in COUNTS)])
        if sheet.tell() >= PIECE:
            yield sheet.getvalue().encode()
            sheet.seek(0)
            sheet.truncate()
    yield sheet.getvalue().encode()


def _cell(value: Any) -> Any:
    """One cell; a text that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection, 2026-08)."""
    if isinstance(value, bytes):
        value = value.decode()
    elif isinstance(value, dict):
        value = msgspec.json.encode(value).decode()
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return "" if value is None else value


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/export",
            tag="requests",
            summary="Export requests, oldest first",
            query=ExportQuery,
            answer="application/jsonl, text/csv",
        ),
        export,
    ),
)

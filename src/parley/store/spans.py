"""Traces at rest: spans, marks of traces that callers brought, and the requests that belong to each."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, select

from parley.core.enclosures import EvaluationRow, Span, TraceMark, VerdictRow
from parley.core.holdings import Page, TraceRow
from parley.core.record import Record
from parley.core.spans import LONGEST, REQUEST, TRACE, W3C, request_of, trace_of
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database, InsertNew
from parley.store.requests import WITHOUT_CONTENT, matching
from parley.store.rows import record_of
from parley.store.tables import evaluations, requests, spans, trace_marks, verdicts

MOST_REQUESTS, MOST_SPANS = 1000, 10_000
"""What is read of one trace; the first of them count."""
PIECE = 500


class Kept(Struct, frozen=True, kw_only=True):
    """All that is kept of one trace, oldest first."""

    trace_id: str
    records: list[Record]
    marks: list[TraceMark]
    spans: list[Span]
    evaluations: list[EvaluationRow]
    verdicts: list[VerdictRow]


class Traces:
    """The repository of traces. The ledger writes what requests leave; what callers send is written here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, sent: Sequence[Span]) -> None:
        """Keeps spans; ids that are there already are passed over."""
        rows = [{name: getattr(span, name) for name in Span.__struct_fields__} for span in sent]

        def work(connection: Connection) -> None:
            for start in range(0, len(rows), PIECE):
                connection.execute(InsertNew(spans), rows[start : start + PIECE])

        if rows:
            await self._database.write(work)

    async def get(self, trace_id: str) -> Kept | None:
        """The trace with this id, of W3C's or ours, or that a request with this id began; None where there is none."""
        return await self._database.read(lambda connection: _kept(connection, trace_id))

    async def page(
        self, limit: int, after: str | None = None, filters: Mapping[str, Any] | None = None
    ) -> Page[TraceRow]:
        """Traces by their newest request, newest first; a page may hold fewer than `limit`, for requests share traces.

        Raises BadRequest for an `after` that is no cursor.
        """
        place = None if after is None else read_cursor(after, tuple[float, str])
        return await self._database.read(lambda connection: _page(connection, limit, place, filters or {}))


def _kept(connection: Connection, asked: str) -> Kept | None:
    own = _begun(connection, asked)
    names = {asked[:LONGEST]} if own is None else {asked, trace_of(own), trace_of(own)[len(TRACE) :][:W3C]}
    marked = select(trace_marks).where(trace_marks.c.trace_id.in_(names)).order_by(trace_marks.c.created)
    marks = [TraceMark(**row._mapping) for row in connection.execute(marked.limit(MOST_REQUESTS))]
    ids = {mark.request_id for mark in marks} | ({own} if own is not None else set())
    if own is not None and own not in {mark.request_id for mark in marks}:
        row = connection.execute(select(trace_marks).where(trace_marks.c.request_id == own)).first()
        if row is not None:
            marks.append(TraceMark(**row._mapping))
            ids.add(own)
    noted = select(spans).where(spans.c.trace_id.in_(names)).order_by(spans.c.created).limit(MOST_SPANS)
    found = [Span(**row._mapping) for row in connection.execute(noted)]
    if not ids and not found:
        return None
    wanted = select(*WITHOUT_CONTENT).where(requests.c.id.in_(ids)).order_by(requests.c.created)
    judged = connection.execute(select(evaluations).where(evaluations.c.request_id.in_(ids)))
    said = connection.execute(select(verdicts).where(verdicts.c.request_id.in_(ids)).order_by(verdicts.c.place))
    return Kept(
        trace_id=asked if own is None else trace_of(own),
        records=[record_of(row) for row in connection.execute(wanted)],
        marks=marks,
        spans=found,
        evaluations=[EvaluationRow(**_of(EvaluationRow, row)) for row in judged],
        verdicts=[VerdictRow(**_of(VerdictRow, row)) for row in said],
    )


def _of(kind: type[Struct], row: Row[Any]) -> dict[str, Any]:
    return {name: row._mapping[name] for name in kind.__struct_fields__}


def _begun(connection: Connection, asked: str) -> str | None:
    """The request that began the trace, where it was made here; a request's own id and W3C's short form serve, too."""
    prefix = asked if asked.startswith(REQUEST) else request_of(asked)
    if prefix is None or len(prefix) < len(REQUEST) + W3C:
        return None
    # Ids are hexadecimal: what begins with `prefix` sorts before its continuation by a later letter.
    near = select(requests.c.id, requests.c.trace_id).where(requests.c.id >= prefix, requests.c.id < prefix + "g")
    row = connection.execute(near.order_by(requests.c.id).limit(1)).first()
    if row is None or row.trace_id != trace_of(row.id):
        return None
    return str(row.id)


def _page(
    connection: Connection, limit: int, place: tuple[float, str] | None, filters: Mapping[str, Any]
) -> Page[TraceRow]:
    wanted = select(requests.c.id, requests.c.created, requests.c.trace_id).where(*matching(filters))
    if place is not None:
        wanted = wanted.where(requests.c.created <= place[0]).where(
            (requests.c.created < place[0]) | (requests.c.id < place[1])
        )
    order = (requests.c.created.desc(), requests.c.id.desc())
    newest = connection.execute(wanted.order_by(*order).limit(limit + 1)).all()
    shown = newest[:limit]
    cursor = write_cursor((shown[-1].created, shown[-1].id)) if len(newest) > limit else None
    by_trace: dict[str, list[str]] = {}
    last: dict[str, float] = {}
    for row in shown:
        name = row.trace_id[:LONGEST]
        by_trace.setdefault(name, []).append(row.id)
        last.setdefault(name, row.created)
    marked = select(trace_marks).where(trace_marks.c.trace_id.in_(by_trace)).order_by(trace_marks.c.created)
    for mark in connection.execute(marked.limit(MOST_REQUESTS * 10)):
        if mark.created > last[mark.trace_id] and place is not None and not filters:
            by_trace[mark.trace_id] = []  # its newest request stood on an earlier page, and so did the trace
        elif by_trace[mark.trace_id] and mark.request_id not in by_trace[mark.trace_id]:
            by_trace[mark.trace_id].append(mark.request_id)
    for name, ids in by_trace.items():
        own = request_of(name)
        if ids and own is not None and own not in ids:
            ids.append(own)
    return Page(_sums(connection, by_trace), cursor)


def _sums(connection: Connection, by_trace: Mapping[str, list[str]]) -> list[TraceRow]:
    ids = [id for some in by_trace.values() for id in some]
    found: dict[str, Record] = {}
    for start in range(0, len(ids), PIECE):
        wanted = select(*WITHOUT_CONTENT).where(requests.c.id.in_(ids[start : start + PIECE]))
        found |= {row.id: record_of(row) for row in connection.execute(wanted)}
    rows = [_row(name, [found[id] for id in some if id in found]) for name, some in by_trace.items()]
    return sorted((row for row in rows if row is not None), key=lambda row: row.last, reverse=True)


def _row(name: str, records: list[Record]) -> TraceRow | None:
    if not records:
        return None
    usages = [record.usage for record in records if record.usage is not None]
    first = min(record.created for record in records)
    end = max(record.created + record.latency_ms / 1000 for record in records)
    return TraceRow(
        trace_id=name,
        started=first,
        last=max(record.created for record in records),
        ms=(end - first) * 1000,
        requests=len(records),
        errors=sum(record.outcome != "answered" for record in records),
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cost_usd=sum(record.cost_usd or 0.0 for record in records),
        models=sorted({record.model for record in records if record.model}),
        account=records[0].account,
        application=records[0].application,
    )

"""Parts of what requests did, spans that callers sent, and the traces that callers brought along."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

spans = Table(
    "spans",
    metadata,
    Column("trace_id", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("parent_id", String),
    Column("request_id", String),
    Column("account", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("ms", REAL, nullable=False),
    Column("error", Text),
    Column("model", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("cost_usd", REAL),
    Column("attributes", Text),
)

Index("spans_by_time", spans.c.created)

trace_marks = Table(
    "trace_marks",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("trace_id", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("span_id", String),
    Column("parent_span_id", String),
    Column("span_name", String),
)
"""One row for each request whose caller brought ids; a trace made here is found by its request's id."""

Index("trace_marks_by_trace", trace_marks.c.trace_id, trace_marks.c.created)

"""Spans, marks of traces that callers brought, and receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

REAL = sa.Float(53)


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""
    _traces()
    _receipts()


def _traces() -> None:
    op.create_table(
        "spans",
        sa.Column("trace_id", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("parent_id", sa.String),
        sa.Column("request_id", sa.String),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created", REAL, nullable=False),
        sa.Column("ms", REAL, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("prompt_tokens", sa.Integer),
        sa.Column("completion_tokens", sa.Integer),
        sa.Column("cost_usd", REAL),
        sa.Column("attributes", sa.Text),
    )
    op.create_index("spans_by_time", "spans", ["created"])
    op.create_table(
        "trace_marks",
        sa.Column("request_id", sa.String, primary_key=True),
        sa.Column("trace_id", sa.String, nullable=False),
        sa.Column("created", REAL, nullable=False),
        sa.Column("span_id", sa.String),
        sa.Column("parent_span_id", sa.String),
        sa.Column("span_name", sa.String),
    )
    op.create_index("trace_marks_by_trace", "trace_marks", ["trace_id", "created"])


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("request_id", sa.String, primary_key=True),
        sa.Column("chain", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("response_hash", sa.LargeBinary, nullable=False),
        sa.Column("content_hash", sa.LargeBinary),
        sa.Column("link", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )

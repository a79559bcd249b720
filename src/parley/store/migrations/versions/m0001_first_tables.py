"""The first tables: requests, keys, applications with their configurations, and the counters that announce changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

REAL = sa.Float(53)


def upgrade() -> None:
    """Creates them."""
    _requests()
    _keys()
    _applications()


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("created", REAL, nullable=False),
        *(_word(name) for name in ("account", "application", "intent", "session_id", "trace_id", "outcome")),
        sa.Column("status", sa.Integer, nullable=False),
        *(_word(name) for name in ("operation", "model", "provider", "upstream_model")),
        *(sa.Column(name, sa.String) for name in ("completion_id", "reference_id", "user_id")),
        _word("key_id"),
        sa.Column("stream", sa.Boolean, nullable=False),
        *(sa.Column(f"{what}_tokens", sa.Integer) for what in TOKENS),
        sa.Column("cost_usd", REAL),
        sa.Column("latency_ms", REAL, nullable=False),
        sa.Column("first_token_ms", REAL),
        sa.Column("finish_reason", sa.String),
        _word("cache"),
        sa.Column("fallback_reason", sa.String),
        sa.Column("error", sa.Text),
        sa.Column("metadata", sa.Text),
        sa.Column("messages", sa.LargeBinary),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("requests_by_session", "requests", ["session_id", "created"])
    op.create_index("requests_by_time", "requests", BY_TIME)


TOKENS = ("prompt", "completion", "cached", "cache_write", "reasoning")
BY_TIME = ["created", "account", "application", "intent", "model", "provider", "user_id", "outcome"]
BY_TIME += ["prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd", "completion_id"]


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String, primary_key=True),
        _word("name"),
        sa.Column("hash", sa.String, nullable=False, unique=True),
        *(_word(name) for name in ("prefix", "scopes", "account")),
        sa.Column("created", REAL, nullable=False),
        sa.Column("expires_at", REAL),
        sa.Column("revoked_at", REAL),
    )


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("application", sa.String, primary_key=True),
        sa.Column("intent", sa.String, primary_key=True),
        sa.Column("created", REAL, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "configurations",
        sa.Column("application", sa.String, primary_key=True),
        sa.Column("intent", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("created", REAL, nullable=False),
        _word("author"),
        sa.Column("config", sa.Text, nullable=False),
    )
    op.create_table(
        "revisions",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
    )


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)

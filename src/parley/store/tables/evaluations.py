"""Evaluations and their verdicts, what people thought of answers, and who wants to hear of evaluations."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

evaluations = Table(
    "evaluations",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("account", String, nullable=False),
    Column("application", String, nullable=False),
    Column("intent", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("completion_id", String),
    Column("status", String, nullable=False),
    Column("delivered", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("correction_applied", Boolean, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("ms", REAL, nullable=False),
    Column("cost_usd", REAL),
    Column("reason", Text),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("choice", Integer, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("sentinel", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("description", Text, nullable=False),
    Column("confidence", REAL, nullable=False),
    Column("correction", Text),
    Column("ms", REAL, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("cost_usd", REAL),
    Column("judge", String),
    Column("prompt_version", String),
    Column("created", REAL, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("account", String, nullable=False),
    Column("author", String, nullable=False),
    Column("application", String),
    Column("request_id", String),
    Column("session_id", String),
    Column("trace_id", String),
    Column("score", REAL),
    Column("weight", REAL),
    Column("text", Text),
    Column("corrected", Text),
    Column("metadata", Text),
)
"""`metadata` is JSON; of the three ids at least one is there."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("url", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("events", Text, nullable=False),
    Column("application", String),
    Column("account", String),
    Column("enabled", Boolean, nullable=False),
)
"""`secret` signs what is sent and is kept as it is, since a signature needs it; `events` is a JSON list."""

Index("evaluations_by_time", evaluations.c.created, evaluations.c.application, evaluations.c.status)
Index("verdicts_by_sentinel", verdicts.c.sentinel, verdicts.c.created)
Index("feedback_by_time", feedback.c.created)

"""The ledger: one row per request.

Every index costs the hot path, so `requests` has three: its key, whose values grow with time; the session; and one by
time that carries what lists filter by and usage sums up, so that both read the index alone. Completion ids have none
of their own: upstreams make them at random, and an index in random order touches a page per row, a third of what a
row costs. They are looked for in the index by time, newest first.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("account", String, nullable=False),
    Column("application", String, nullable=False),
    Column("intent", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("trace_id", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("operation", String, nullable=False),
    Column("model", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("upstream_model", String, nullable=False),
    Column("completion_id", String),
    Column("reference_id", String),
    Column("user_id", String),
    Column("key_id", String, nullable=False),
    Column("stream", Boolean, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("cache_write_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("cost_usd", REAL),
    Column("latency_ms", REAL, nullable=False),
    Column("first_token_ms", REAL),
    Column("finish_reason", String),
    Column("cache", String, nullable=False),
    Column("fallback_reason", String),
    Column("error", Text),
    Column("metadata", Text),
    Column("messages", LargeBinary),
    Column("answer", LargeBinary),
    Column("attempts", Text),
    Column("saved_usd", REAL),
)

Index("requests_by_session", requests.c.session_id, requests.c.created)
Index(
    "requests_by_time",
    *(
        requests.c[name]
        for name in (
            "created", "account", "application", "intent", "model", "provider", "user_id", "outcome",
            "prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd", "completion_id", "saved_usd",
            "cache_write_tokens", "reasoning_tokens",
        )
    ),
)  # fmt: skip

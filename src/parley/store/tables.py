"""The tables as the present code sees them; how a database gets there is told by the migrations.

Every index costs the hot path, so `requests` has three: its key, whose values grow with time; the session; and one by
time that carries what lists filter by and usage sums up, so that both read the index alone. Completion ids have none
of their own: upstreams make them at random, and an index in random order touches a page per row, a third of what a
row costs. They are looked for in the index by time, newest first.
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

REAL = Float(53)

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
)

Index("requests_by_session", requests.c.session_id, requests.c.created)
Index(
    "requests_by_time",
    *(
        requests.c[name]
        for name in (
            "created", "account", "application", "intent", "model", "provider", "user_id", "outcome",
            "prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd", "completion_id",
        )
    ),
)  # fmt: skip

keys = Table(
    "keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),
    Column("prefix", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("account", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("expires_at", REAL),
    Column("revoked_at", REAL),
)

applications = Table(
    "applications",
    metadata,
    Column("application", String, primary_key=True),
    Column("intent", String, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("version", Integer, nullable=False),
)
"""Applications (`intent` empty) and intents that were met or configured; `version` is the one that counts, or 0."""

configurations = Table(
    "configurations",
    metadata,
    Column("application", String, primary_key=True),
    Column("intent", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("author", String, nullable=False),
    Column("config", Text, nullable=False),
)

configs = Table(
    "configs",
    metadata,
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("author", String, nullable=False),
    Column("config", Text, nullable=False),
)
"""Named routing configs; the highest version of a name counts."""

revisions = Table(
    "revisions",
    metadata,
    Column("name", String, primary_key=True),
    Column("revision", Integer, nullable=False),
)

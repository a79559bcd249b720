"""Answers that may be given again; the newest row of a key counts."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

cached_answers = Table(
    "cached_answers",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("scope", String),
    Column("created", REAL, nullable=False),
    Column("expires", REAL, nullable=False),
    Column("used", REAL, nullable=False),
    Column("size", Integer, nullable=False),
    Column("account", String, nullable=False),
    Column("application", String, nullable=False),
    Column("namespace", String, nullable=False),
    Column("user_id", String),
    Column("model", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("upstream_model", String, nullable=False),
    Column("question", Text),
    Column("embedder", String),
    Column("vector", LargeBinary),
    Column("reply", LargeBinary, nullable=False),
)
"""`id` is the request that was answered; `scope` is what the semantic cache compares questions within."""

Index("cached_answers_by_key", cached_answers.c.key)
Index("cached_answers_by_scope", cached_answers.c.scope, cached_answers.c.created)
Index("cached_answers_by_use", cached_answers.c.used, cached_answers.c.size)
Index("cached_answers_by_owner", cached_answers.c.application, cached_answers.c.namespace, cached_answers.c.size)

"""What sessions hold, and what is known of the people in them.

Names in these tables are fit for an index (`memory/names.py`): a long one stands there as its beginning and its hash.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

turns = Table(
    "turns",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("application", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("user_id", String),
    Column("place", Integer, nullable=False),
    Column("created", REAL, nullable=False),
    Column("question", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
)
"""The turns of assistants: `id` is the request, `question` and `answer` are messages as JSON."""

session_summaries = Table(
    "session_summaries",
    metadata,
    Column("account", String, primary_key=True),
    Column("application", String, primary_key=True),
    Column("session_id", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("created", REAL, nullable=False),
    Column("covered", Integer, nullable=False),
    Column("text", Text, nullable=False),
)
"""`digest` is that of the `covered` messages that `text` sums up."""

session_leases = Table(
    "session_leases",
    metadata,
    Column("account", String, primary_key=True),
    Column("application", String, primary_key=True),
    Column("session_id", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", REAL, nullable=False),
)
"""Which request has its turn in a session of an assistant, and how long at least."""

memories = Table(
    "memories",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("application", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("kind", String, nullable=False),
    Column("attribute", String, nullable=False),
    Column("value", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("confidence", REAL, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("source", String),
    Column("relation", String, nullable=False),
    Column("supersedes", String),
    Column("embedder", String),
    Column("vector", LargeBinary),
)
"""Rows are only added: one that another one `supersedes` is history. `source` is the request in which it was said."""

Index("turns_by_session", turns.c.session_id, turns.c.application, turns.c.account, turns.c.place)
Index("turns_by_user", turns.c.user_id)
Index("memories_by_user", memories.c.user_id, memories.c.application, memories.c.account, memories.c.created)
Index("memories_by_predecessor", memories.c.supersedes)

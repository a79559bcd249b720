"""Applications, intents, and named routing configs, each with its versions."""

from sqlalchemy import Column, Integer, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

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

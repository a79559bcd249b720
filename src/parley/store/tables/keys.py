"""API keys at rest."""

from sqlalchemy import Column, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

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
    Column("allowance", Text),
)

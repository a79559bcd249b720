"""Stored prompts, one row for each version; of every slug one version is published."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

prompts = Table(
    "prompts",
    metadata,
    Column("slug", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("author", String, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("content", Text, nullable=False),
)

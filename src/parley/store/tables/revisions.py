"""Counters that rise with every change of what workers hold in memory."""

from sqlalchemy import Column, Integer, String, Table

from parley.store.tables.metadata import metadata

revisions = Table(
    "revisions",
    metadata,
    Column("name", String, primary_key=True),
    Column("revision", Integer, nullable=False),
)

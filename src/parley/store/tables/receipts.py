"""Receipts: for each answered request, what its bytes were and its place in a chain.

Nothing but the key is indexed, as these rows are written on the hot path; whatever else there is to know of a request
stands in its record.
"""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from parley.store.tables.metadata import metadata

receipts = Table(
    "receipts",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("chain", String, nullable=False),
    Column("place", Integer, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("response_hash", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary),
    Column("link", LargeBinary, nullable=False),
    sqlite_with_rowid=False,  # one tree of pages instead of two
)

"""Documents, their chunks and the vectors of these; a shelf is the documents of one account and application."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from parley.store.tables.metadata import REAL, metadata

shelves = Table(
    "shelves",
    metadata,
    Column("account", String, primary_key=True),
    Column("application", String, primary_key=True),
    Column("revision", Integer, nullable=False),
)
"""`revision` rises with every change of what a search of this shelf may find."""

documents = Table(
    "documents",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("application", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("created", REAL, nullable=False),
    Column("type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("description", Text),
    Column("metadata", Text),
    Column("embedder", String, nullable=False),
    Column("error", Text),
)
"""A row is one version of a document, `state` how it stands (`core/documents.py`)."""

Index("documents_by_place", documents.c.account, documents.c.application, documents.c.reference)

document_chunks = Table(
    "document_chunks",
    metadata,
    Column("document", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("length", Integer, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("path", Text, nullable=False),
    Column("text", Text, nullable=False),
)

document_vectors = Table(
    "document_vectors",
    metadata,
    Column("document", String, primary_key=True),
    Column("embedder", String, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""The vectors of `count` chunks from number `first` on, as rows of 16-bit floats, little-endian."""

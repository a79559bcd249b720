"""Documents and their parts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""
    op.create_table(
        "shelves",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("application", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("application", sa.String, nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("metadata", sa.Text),
        sa.Column("embedder", sa.String, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.create_index("documents_by_place", "documents", ["account", "application", "reference"])
    op.create_table(
        "document_chunks",
        sa.Column("document", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("terms", sa.LargeBinary, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "document_vectors",
        sa.Column("document", sa.String, primary_key=True),
        sa.Column("embedder", sa.String, primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )

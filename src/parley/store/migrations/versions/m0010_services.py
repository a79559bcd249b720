"""Stored prompts."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds a table; nothing that is there changes."""
    op.create_table(
        "prompts",
        sa.Column("slug", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )

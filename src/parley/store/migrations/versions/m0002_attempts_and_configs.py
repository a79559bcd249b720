"""What a request tried, beside what it got; and named routing configs, one row for each version."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds a column and a table; nothing that is there changes."""
    op.add_column("requests", sa.Column("attempts", sa.Text))
    op.create_table(
        "configs",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
    )

"""Work that is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds a table; nothing that is there changes."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("due", sa.Float(53), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("leased_until", sa.Float(53)),
        sa.Column("error", sa.Text),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "due"])

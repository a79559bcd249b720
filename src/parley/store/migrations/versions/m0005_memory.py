"""Sessions, their turns and summaries, and what is remembered of users."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""
    _sessions()
    op.create_table(
        "memories",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("application", sa.String, nullable=False),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("attribute", sa.String, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float(53), nullable=False),
        sa.Column("exclusive", sa.Boolean, nullable=False),
        sa.Column("source", sa.String),
        sa.Column("relation", sa.String, nullable=False),
        sa.Column("supersedes", sa.String),
        sa.Column("embedder", sa.String),
        sa.Column("vector", sa.LargeBinary),
    )
    op.create_index("memories_by_user", "memories", ["user_id", "application", "account", "created"])
    op.create_index("memories_by_predecessor", "memories", ["supersedes"])


def _sessions() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("application", sa.String, nullable=False),
        sa.Column("session_id", sa.String, nullable=False),
        sa.Column("user_id", sa.String),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
    )
    op.create_index("turns_by_session", "turns", ["session_id", "application", "account", "place"])
    op.create_index("turns_by_user", "turns", ["user_id"])
    op.create_table(
        "session_summaries",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("application", sa.String, primary_key=True),
        sa.Column("session_id", sa.String, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("covered", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "session_leases",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("application", sa.String, primary_key=True),
        sa.Column("session_id", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until", sa.Float(53), nullable=False),
    )

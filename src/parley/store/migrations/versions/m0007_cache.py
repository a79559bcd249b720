"""Answers that may be given again, and what each saved."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INDEXED = (
    *("created", "account", "application", "intent", "model", "provider", "user_id", "outcome"),
    *("prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd", "completion_id"),
)


def upgrade() -> None:
    """Adds a table and a column; the index by time is made anew, so that sums still read it alone."""
    op.create_table(
        "cached_answers",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("scope", sa.String),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("expires", sa.Float(53), nullable=False),
        sa.Column("used", sa.Float(53), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("application", sa.String, nullable=False),
        sa.Column("namespace", sa.String, nullable=False),
        sa.Column("user_id", sa.String),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("upstream_model", sa.String, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("embedder", sa.String),
        sa.Column("vector", sa.LargeBinary),
        sa.Column("reply", sa.LargeBinary, nullable=False),
    )
    op.create_index("cached_answers_by_key", "cached_answers", ["key"])
    op.create_index("cached_answers_by_scope", "cached_answers", ["scope", "created"])
    op.create_index("cached_answers_by_use", "cached_answers", ["used", "size"])
    op.create_index("cached_answers_by_owner", "cached_answers", ["application", "namespace", "size"])
    op.add_column("requests", sa.Column("saved_usd", sa.Float(53)))
    op.drop_index("requests_by_time", "requests")
    op.create_index("requests_by_time", "requests", [*INDEXED, "saved_usd"])

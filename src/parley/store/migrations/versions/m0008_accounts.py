"""Accounts, what was taken from budgets and what is set aside, and what a single key may use."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

REAL = sa.Float(53)


INDEXED = (
    *("created", "account", "application", "intent", "model", "provider", "user_id", "outcome"),
    *("prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd", "completion_id", "saved_usd"),
    *("cache_write_tokens", "reasoning_tokens"),
)


def upgrade() -> None:
    """Adds tables and a column; the index by time is made anew, so that sums of all tokens still read it alone."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created", REAL, nullable=False),
        sa.Column("allowance", sa.Text, nullable=False),
    )
    op.create_table(
        "spending",
        sa.Column("budget", sa.String, primary_key=True),
        sa.Column("since", REAL, primary_key=True),
        sa.Column("spent", REAL, nullable=False),
    )
    op.create_table(
        "holds",
        sa.Column("budget", sa.String, primary_key=True),
        sa.Column("since", REAL, primary_key=True),
        sa.Column("worker", sa.String, primary_key=True),
        sa.Column("held", REAL, nullable=False),
        sa.Column("until", REAL, nullable=False),
    )
    op.add_column("keys", sa.Column("allowance", sa.Text))
    op.drop_index("requests_by_time", "requests")
    op.create_index("requests_by_time", "requests", [*INDEXED])

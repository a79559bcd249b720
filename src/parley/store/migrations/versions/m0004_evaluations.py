"""Verdicts, feedback, and who wants to hear of evaluations."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT, REAL = sa.String, sa.Float(53)


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""
    _evaluations()
    _verdicts()
    op.create_table(
        "feedback",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("created", REAL, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("application", TEXT),
        sa.Column("request_id", TEXT),
        sa.Column("session_id", TEXT),
        sa.Column("trace_id", TEXT),
        sa.Column("score", REAL),
        sa.Column("weight", REAL),
        sa.Column("text", sa.Text),
        sa.Column("corrected", sa.Text),
        sa.Column("metadata", sa.Text),
    )
    op.create_index("feedback_by_time", "feedback", ["created"])
    op.create_table(
        "webhooks",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("created", REAL, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("application", TEXT),
        sa.Column("account", TEXT),
        sa.Column("enabled", sa.Boolean, nullable=False),
    )


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("request_id", TEXT, primary_key=True),
        sa.Column("created", REAL, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("application", TEXT, nullable=False),
        sa.Column("intent", TEXT, nullable=False),
        sa.Column("session_id", TEXT, nullable=False),
        sa.Column("completion_id", TEXT),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("delivered", TEXT, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("correction_applied", sa.Boolean, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("ms", REAL, nullable=False),
        sa.Column("cost_usd", REAL),
        sa.Column("reason", sa.Text),
    )
    op.create_index("evaluations_by_time", "evaluations", ["created", "application", "status"])


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("request_id", TEXT, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("choice", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("sentinel", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("confidence", REAL, nullable=False),
        sa.Column("correction", sa.Text),
        sa.Column("ms", REAL, nullable=False),
        sa.Column("prompt_tokens", sa.Integer),
        sa.Column("completion_tokens", sa.Integer),
        sa.Column("cost_usd", REAL),
        sa.Column("judge", TEXT),
        sa.Column("prompt_version", TEXT),
        sa.Column("created", REAL, nullable=False),
    )
    op.create_index("verdicts_by_sentinel", "verdicts", ["sentinel", "created"])

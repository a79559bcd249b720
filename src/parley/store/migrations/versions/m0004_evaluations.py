"""Verdicts, feedback, and what is owed to webhooks."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""

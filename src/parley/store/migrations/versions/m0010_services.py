"""What the five services keep: prompts, virtual keys."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds tables; nothing that is there changes."""

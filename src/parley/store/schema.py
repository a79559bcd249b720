"""Which schema a database has, and whether this code can work with it."""

from sqlalchemy import Connection, inspect, text

from parley.store.errors import StoreError

HEAD = "0002"
"""The last step; a test compares it with the folder."""


def at_head(connection: Connection) -> bool:
    """Whether there is nothing to do. Raises StoreError for a schema that is newer than this code."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version is not None and version > HEAD:
        raise StoreError(
            f"The store was written by a newer Parley (its schema is {version}, this one knows {HEAD}). "
            "Start that version, or restore the backup made before the upgrade."
        )
    return version == HEAD

"""Which schema a database has, and whether this code can work with it."""

from sqlalchemy import Connection, inspect, text

from parley.store.errors import StoreError
from parley.store.tables import metadata

HEAD = "0010"
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


def make_new(connection: Connection) -> bool:
    """Makes the tables of an empty SQLite file as they are now; False where there is something to migrate.

    The steps that led here have nothing to do in an empty file, and loading the tool that runs them takes longer than
    the rest of a start. Who writes to a SQLite file is alone, so nobody else can be making them.
    """
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        return False
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    return True

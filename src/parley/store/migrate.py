"""Brings a database to the present schema; any number of processes may start at once."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from parley.store.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x7061726C6579
"""PostgreSQL's advisory lock that one migrating process holds: "parley"."""

HEAD = "0001"
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


def migrate(connection: Connection) -> None:
    """Runs the steps that are missing, within the transaction of `connection`; waits while another process does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if at_head(connection):
        return
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

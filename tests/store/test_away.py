"""While the store is away records go to the spool, nobody is refused, and everything is there once when it is back."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from parley.store import Ledger, Store, StoreError, open_ledger, open_store
from parley.store.ledger import Ledger as BareLedger
from parley.store.scribe import Scribe
from parley.store.spool import Spool
from parley.store.sqlite_writer import SqliteWriter
from tests.store.conftest import a_server
from tests.store.sample import a_full_record, a_record

SOON = 30.0


async def until_home(ledger: Ledger, replayed: int) -> None:
    async with asyncio.timeout(SOON):
        while ledger.stats().away or ledger.stats().replayed < replayed:
            await asyncio.sleep(0.02)


async def until_empty(spool: Path) -> None:
    async with asyncio.timeout(SOON):
        while list(spool.glob("*.spool")):
            await asyncio.sleep(0.02)


async def counted(store: Store) -> int:
    [row] = await store.requests.usage([])
    return row.requests


async def test_a_server_that_goes_and_comes_back_has_every_record_once(tmp_path: Path) -> None:
    with a_server() as server:
        await leave_and_return(server, tmp_path)


async def leave_and_return(server: Any, tmp_path: Path) -> None:
    url, spool = server.get_uri(), tmp_path / "spool"
    await (await open_store(url, tmp_path)).close()
    ledger = open_ledger(url, "commit", spool)
    await ledger.start()
    await asyncio.gather(*(ledger.put(a_record(f"before_{n}")) for n in range(50)))
    await asyncio.to_thread(server.stop)
    async with asyncio.timeout(SOON):
        await asyncio.gather(*(ledger.put(a_full_record(f"away_{n}")) for n in range(700)))
    stats = ledger.stats()
    assert (stats.away, stats.spooled, stats.dropped) == (True, 700, 0)
    await asyncio.to_thread(server.start)
    await until_home(ledger, 700)
    await ledger.put(a_record("after"))
    await until_empty(spool)
    store = await open_store(url, tmp_path)
    assert await counted(store) == 751
    assert await store.requests.get("away_699") == a_full_record("away_699")
    await store.close()
    await ledger.stop(5)


async def test_a_ledger_whose_server_is_not_there_at_start_spools(tmp_path: Path) -> None:
    ledger = open_ledger(f"postgresql://x@/x?host={tmp_path}", "commit", tmp_path / "spool")
    await ledger.start()
    async with asyncio.timeout(SOON):
        await ledger.put(a_record("1"))
    assert ledger.stats().spooled == 1
    await ledger.stop(5)


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> Any:
    store = await open_store(None, tmp_path)
    yield store
    await store.close()


async def test_a_file_that_another_process_locks_for_long_refuses_nobody(tmp_path: Path, sqlite_store: Store) -> None:
    ledger = open_ledger(None, "commit", tmp_path / "spool", data_dir=tmp_path, patience=0.2)
    await ledger.start()
    holder = sqlite3.connect(tmp_path / "parley.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    async with asyncio.timeout(SOON):
        await asyncio.gather(*(ledger.put(a_record(f"req_{n}")) for n in range(30)))
    assert ledger.stats().away
    assert await counted(sqlite_store) == 0
    holder.execute("COMMIT")
    holder.close()
    await until_home(ledger, 30)
    assert await counted(sqlite_store) == 30
    await ledger.stop(5)


async def test_a_file_that_is_locked_for_a_moment_is_waited_for(tmp_path: Path, sqlite_store: Store) -> None:
    ledger = open_ledger(None, "commit", tmp_path / "spool", data_dir=tmp_path, patience=20)
    await ledger.start()
    await ledger.put(a_record("first"))
    holder = sqlite3.connect(tmp_path / "parley.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(ledger.put(a_record("second")))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    holder.execute("COMMIT")
    holder.close()
    await waiting
    assert ledger.stats().spooled == 0
    await ledger.stop(5)


async def test_a_full_disk_refuses_nobody(tmp_path: Path, sqlite_store: Store) -> None:
    full = SqliteWriter(tmp_path / "parley.db", busy=1, pragmas=("PRAGMA max_page_count = 40",))
    ledger = BareLedger(Scribe(full, Spool(tmp_path / "spool")), durability="commit", bound=1000)
    await ledger.start()
    for n in range(40):
        await ledger.put(a_record(f"req_{n}", answer=b'"' + b"x" * 5000 + b'"'))
    stats = ledger.stats()
    assert stats.away
    assert stats.committed + stats.spooled == 40
    assert stats.dropped == 0
    await ledger.stop(5)
    roomy = open_ledger(None, "commit", tmp_path / "spool", data_dir=tmp_path)
    await roomy.start()
    await until_empty(tmp_path / "spool")
    assert await counted(sqlite_store) == 40
    await roomy.stop(5)


async def test_what_a_dead_process_spooled_is_replayed_at_start(tmp_path: Path, sqlite_store: Store) -> None:
    dead = Spool(tmp_path / "spool")
    dead.append([a_full_record(f"req_{n}") for n in range(1200)])
    dead.close()
    ledger = open_ledger(None, "commit", tmp_path / "spool", data_dir=tmp_path)
    await ledger.start()
    await asyncio.gather(ledger.put(a_record("new")), ledger.put(a_full_record("req_7")))
    await until_empty(tmp_path / "spool")
    assert await counted(sqlite_store) == 1201
    await ledger.stop(5)


async def test_two_workers_replay_one_spool_once(tmp_path: Path, sqlite_store: Store) -> None:
    dead = Spool(tmp_path / "spool")
    dead.append([a_record(f"req_{n}") for n in range(1500)])
    dead.close()
    ledgers = [open_ledger(None, "commit", tmp_path / "spool", data_dir=tmp_path) for _ in range(2)]
    await asyncio.gather(*(ledger.start() for ledger in ledgers))
    await until_empty(tmp_path / "spool")
    assert await counted(sqlite_store) == 1500
    assert sum(ledger.stats().replayed for ledger in ledgers) == 1500
    await asyncio.gather(*(ledger.stop(5) for ledger in ledgers))


async def test_where_nothing_can_be_kept_the_caller_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ledger = open_ledger(f"sqlite:///{tmp_path}/none/parley.db", "commit", tmp_path / "file" / "spool")
    await ledger.start()
    with pytest.raises(StoreError, match="can not be written"):
        await ledger.put(a_record("1"))
    assert ledger.stats().dropped == 1
    await ledger.stop(5)


async def test_stop_keeps_its_deadline_when_the_store_hangs(tmp_path: Path, sqlite_store: Store) -> None:
    ledger = open_ledger(None, "async", tmp_path / "spool", data_dir=tmp_path, patience=3)
    await ledger.start()
    while ledger.stats().committed == 0:
        await ledger.put(a_record("first"))
        await asyncio.sleep(0.01)
    holder = sqlite3.connect(tmp_path / "parley.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    ledger.put(a_record("second"))
    async with asyncio.timeout(2):
        await ledger.stop(0.1)
    holder.execute("ROLLBACK")
    holder.close()

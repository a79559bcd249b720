"""The ledger commits what waits together, and a record is in the database when its awaitable ends."""

import asyncio
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from parley.store import Ledger, Store, StoreError, open_ledger, open_store
from tests.store.sample import a_full_record, a_record


async def test_a_record_is_committed_when_its_awaitable_ends(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/parley.db"
    await (await open_store(url, tmp_path)).close()
    ledger = open_ledger(url, "commit", tmp_path / "spool")
    await ledger.start()
    other = sqlite3.connect(tmp_path / "parley.db")

    async def put_and_look(n: int) -> None:
        await ledger.put(a_record(f"req_{n}"))
        assert other.execute("SELECT count(*) FROM requests WHERE id = ?", (f"req_{n}",)).fetchone() == (1,)

    await asyncio.gather(*map(put_and_look, range(200)))
    other.close()
    await ledger.stop(5)


async def test_postgresql_has_the_record_when_its_awaitable_ends(postgres_url: str, tmp_path: Path) -> None:
    await (await open_store(postgres_url, tmp_path)).close()
    ledger = open_ledger(postgres_url, "commit", tmp_path / "spool")
    await ledger.start()
    other = await asyncpg.connect(postgres_url)
    for n in range(20):
        await asyncio.gather(ledger.put(a_record(f"req_{n}")), ledger.put(a_full_record(f"full_{n}")))
        assert await other.fetchval("SELECT count(*) FROM requests") == 2 * (n + 1)
    await other.close()
    await ledger.stop(5)


async def test_records_that_wait_together_share_a_transaction(postgres_url: str, tmp_path: Path) -> None:
    await (await open_store(postgres_url, tmp_path)).close()
    ledger = open_ledger(postgres_url, "commit", tmp_path / "spool")
    await ledger.start()
    await asyncio.gather(*(ledger.put(a_record(f"req_{n}")) for n in range(300)))
    other = await asyncpg.connect(postgres_url)
    assert await other.fetchval("SELECT count(*) FROM requests") == 300
    assert await other.fetchval("SELECT count(DISTINCT xmin::text) FROM requests") < 30
    await other.close()
    await ledger.stop(5)


async def test_batches_of_every_size_are_kept_whole(store: Store, ledger: Ledger) -> None:
    sizes = [1, 2, 63, 64, 65, 128, 511, 512, 513, 1000]
    for size in sizes:
        await asyncio.gather(*(ledger.put(a_record(f"req_{size}_{n}")) for n in range(size)))
    [row] = await store.requests.usage([])
    assert row.requests == sum(sizes)
    assert ledger.stats().committed == sum(sizes)


async def test_a_caller_that_leaves_takes_nobody_along(store: Store, ledger: Ledger) -> None:
    async def put(n: int) -> None:
        await ledger.put(a_record(f"req_{n}"))

    tasks = [asyncio.create_task(put(n)) for n in range(50)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not any(task.cancelled() for task in tasks[1::2])
    await ledger.put(a_record("last"))
    [row] = await store.requests.usage([])
    assert row.requests == 51


async def test_nobody_has_to_wait(store: Store, ledger: Ledger) -> None:
    for n in range(100):
        ledger.put(a_record(f"req_{n}"))
    await ledger.put(a_record("last"))
    [row] = await store.requests.usage([])
    assert row.requests == 101


async def test_the_same_record_twice_is_kept_once(store: Store, ledger: Ledger) -> None:
    await asyncio.gather(ledger.put(a_record("req_1")), ledger.put(a_record("req_1", status=500)))
    await ledger.put(a_record("req_1", status=502))
    [row] = await store.requests.usage([])
    assert row.requests == 1


async def test_stop_writes_what_waits(url: str, store: Store, tmp_path: Path) -> None:
    ledger = open_ledger(url, "async", tmp_path / "spool")
    await ledger.start()
    for n in range(3000):
        ledger.put(a_record(f"req_{n}"))
    await ledger.stop(20)
    [row] = await store.requests.usage([])
    assert row.requests == 3000
    assert ledger.stats().queued == 0


async def test_a_stopped_ledger_takes_nothing(store: Store, ledger: Ledger) -> None:
    await ledger.stop(5)
    with pytest.raises(StoreError, match="stopped"):
        await ledger.put(a_record("late"))
    assert ledger.stats().dropped == 1
    assert await store.requests.get("late") is None


async def test_async_durability_waits_for_nothing_and_counts_what_it_drops(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/parley.db"
    store = await open_store(url, tmp_path)
    ledger = open_ledger(url, "async", tmp_path / "spool", bound=10, patience=5)
    await ledger.start()
    holder = sqlite3.connect(tmp_path / "parley.db", isolation_level=None)
    await ledger.put(a_record("first"))
    while not ledger.stats().committed:
        await asyncio.sleep(0.01)
    holder.execute("BEGIN IMMEDIATE")
    for n in range(1000):
        await ledger.put(a_record(f"req_{n}"))
    dropped = ledger.stats().dropped
    assert 900 < dropped < 1000
    holder.execute("ROLLBACK")
    holder.close()
    await ledger.stop(10)
    [row] = await store.requests.usage([])
    assert row.requests == 1001 - dropped
    await store.close()


async def test_a_record_that_does_not_fit_is_mended_and_stops_nobody(store: Store, ledger: Ledger) -> None:
    strange = a_record("nul", user_id="a\0b", account="\ud800")
    long = a_record("long", session_id="s" * 100_000, user_id="é" * 100_000)
    await asyncio.gather(*map(ledger.put, [a_record("before"), strange, long, a_record("after")]))
    assert await store.requests.get("before") == a_record("before")
    assert await store.requests.get("after") == a_record("after")
    for id in ("nul", "long"):
        assert await store.requests.get(id) is not None
    assert ledger.stats().dropped == 0


async def test_a_record_that_can_not_be_mended_stops_nobody(store: Store, ledger: Ledger) -> None:
    huge = a_record("huge", status=2**80)
    await asyncio.gather(*map(ledger.put, [a_record("before"), huge, a_record("after")]))
    assert await store.requests.get("huge") is None
    assert await store.requests.get("after") == a_record("after")
    assert ledger.stats().dropped == 1

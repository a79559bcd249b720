"""What budgets were charged, on both databases."""

import asyncio
from pathlib import Path

from msgspec import structs

from parley.core.allowances import Draw
from parley.core.enclosures import Charge, Span
from parley.core.record import Record, Sealed
from parley.store import Ledger, Store, open_ledger, open_store
from tests.store.sample import a_record


def charged(id: str, *charges: tuple[str, float], **more: object) -> Sealed:
    """A record with charges to these budgets."""
    enclosures = tuple(Charge(budget=name, since=60.0, amount=amount, request_id=id) for name, amount in charges)
    line: Record = a_record(id, **more)
    return Sealed(**structs.asdict(line), enclosures=enclosures)


async def test_charges_add_up_with_their_records_and_count_once(store: Store, ledger: Ledger) -> None:
    first, second = charged("1", ("a", 2.0), ("b", 0.5)), charged("2", ("a", 3.0))
    await asyncio.gather(ledger.put(first), ledger.put(second))
    await ledger.put(first)  # as a spool does that was written before
    assert await store.spending.spent([("a", 60.0), ("b", 60.0), ("a", 120.0)]) == [5.0, 0.5, 0.0]


async def test_a_charge_in_a_batch_of_many_is_not_lost(store: Store, ledger: Ledger) -> None:
    lines = [charged(str(n), ("a", 1.0)) if n % 3 else a_record(str(n)) for n in range(300)]
    await asyncio.gather(*map(ledger.put, lines))
    assert await store.spending.spent([("a", 60.0)]) == [200.0]


async def test_minutes_and_leases_that_are_over_are_forgotten(store: Store, ledger: Ledger) -> None:
    await asyncio.gather(ledger.put(charged("1", ("k|requests|minute", 1.0))), ledger.put(charged("2", ("a", 1.0))))
    await store.spending.purge(1000.0)
    assert await store.spending.spent([("k|requests|minute", 60.0), ("a", 60.0)]) == [0.0, 1.0]


async def test_workers_that_draw_at_once_get_no_more_than_there_is(store: Store) -> None:
    def wish(worker: int) -> Draw:
        facts = {"budget": "k", "since": 60.0, "most": 10.0, "kept": 0.0, "need": 1.0, "add": 0.0, "earlier": None}
        return Draw(**facts, worker=f"w{worker}", overdraw=False, now=100.0, until=130.0)

    drawn = await asyncio.gather(*(store.spending.draw(wish(n)) for n in range(30)))
    assert sum(one.granted for one in drawn) == 10.0
    after = structs.replace(wish(99), now=131.0, until=160.0)
    assert (await store.spending.draw(after)).granted == 1.0


async def test_a_record_is_kept_with_its_charge_though_what_else_goes_along_does_not_fit(
    postgres_url: str, tmp_path: Path
) -> None:
    store = await open_store(postgres_url, tmp_path)
    ledger = open_ledger(postgres_url, "commit", tmp_path / "spool")
    await ledger.start()
    line = charged("1", ("a", 2.0))
    span = Span(trace_id="t", id="s", kind="x", name="a NUL \0 is none of PostgreSQL's", created=1.0)
    await ledger.put(structs.replace(line, enclosures=(*line.enclosures, span)))
    assert await store.requests.get("1") is not None and await store.traces.get("t") is None
    assert await store.spending.spent([("a", 60.0)]) == [2.0]
    await ledger.stop(5)
    await store.close()

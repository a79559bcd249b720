"""First uses, written down in the background."""

import asyncio

from parley.accounts import first_uses
from parley.accounts.first_uses import FirstUses

from .in_memory import ConfigsInMemory


async def test_a_first_use_is_written_and_nobody_waits():
    store = ConfigsInMemory()
    uses = FirstUses(store)
    await uses.start()
    uses.note("support", "REFUND")
    assert store.touched == []
    await uses.stop()
    assert store.touched == [("support", "REFUND")]


async def test_what_waits_is_written_before_the_end():
    store = ConfigsInMemory()
    uses = FirstUses(store)
    await uses.start()
    for n in range(500):
        uses.note("support", str(n))
    await uses.stop()
    assert len(store.touched) == 500


async def test_a_store_that_is_away_is_asked_again():
    store = ConfigsInMemory()
    store.away = True
    uses = FirstUses(store)
    await uses.start()
    uses.note("support", "REFUND")
    await asyncio.sleep(0.05)
    store.away = False
    await uses.stop(deadline=10.0)
    assert store.touched == [("support", "REFUND")]


async def test_the_end_does_not_wait_for_a_store_that_stays_away():
    store = ConfigsInMemory()
    store.away = True
    uses = FirstUses(store)
    await uses.start()
    uses.note("support", "REFUND")
    async with asyncio.timeout(5):
        await uses.stop(deadline=0.1)
    assert store.touched == []


async def test_more_names_than_fit_are_dropped():
    uses = FirstUses(ConfigsInMemory())
    for n in range(first_uses.WAITING + 100):
        uses.note("support", str(n))
    await uses.stop(deadline=0.01)


async def test_a_name_that_no_store_takes_holds_nobody_up():
    store = ConfigsInMemory()
    uses = FirstUses(store)
    await uses.start()
    uses.note("sup\0port", "REFUND")
    uses.note("support", "RE\0FUND")
    uses.note("support", "REFUND")
    await uses.stop()
    assert store.touched == [("support", "REFUND")]

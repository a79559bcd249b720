"""A purse, against counters that are kept in a store of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.accounts.purse import LEASE, Bound, Purse
from parley.core.allowances import Draw
from parley.core.errors import BudgetSpent, RateLimited
from parley.store import Store, open_store

MONTH = Bound(holder="account a", measure="tokens", per="month", most=100.0)
MINUTE = Bound(holder="key k", measure="requests", per="minute", most=5.0)


class Clock:
    """A time that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0 // 60 * 60

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = await open_store(None, tmp_path)
    yield made
    await made.close()


def purse(store: Store, bound: Bound, clock: Clock, worker: str = "w1") -> Purse:
    return Purse(bound, worker, store.spending, clock)


async def spend(store: Store, bound: Bound, clock: Clock, amount: float) -> None:
    """As if a record had charged it."""
    since, now = purse(store, bound, clock).since, clock()
    facts = {"budget": bound.budget, "since": since, "worker": "charging", "most": 1e9, "kept": 0.0, "need": 0.0}
    await store.spending.draw(Draw(**facts, add=amount, earlier=None, overdraw=True, now=now, until=now))


async def test_a_purse_gives_out_no_more_than_the_budget(store: Store) -> None:
    mine = purse(store, MONTH, Clock())
    for _ in range(10):
        await mine.reserve(10.0)
    assert not mine.take(0.5)


async def test_two_workers_give_out_no_more_than_the_budget_together(store: Store) -> None:
    clock = Clock()
    purses = [purse(store, MONTH, clock, worker) for worker in ("w1", "w2")]
    given = 0
    for n in range(40):
        one = purses[n % 2]
        if one.take(3.0):
            given += 3
            continue
        try:
            async with asyncio.timeout(0.2):
                await one.reserve(3.0)
        except TimeoutError:
            continue
        given += 3
    assert 90 <= given <= 100


async def test_a_call_waits_for_what_others_give_back(store: Store) -> None:
    mine = purse(store, MONTH, Clock())
    await mine.reserve(90.0)
    waiting = asyncio.create_task(mine.reserve(40.0))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    mine.settle(90.0, 0.0)
    await waiting


async def test_the_last_call_may_take_more_than_is_left_but_only_alone(store: Store) -> None:
    clock = Clock()
    await spend(store, MONTH, clock, 99.0)
    mine = purse(store, MONTH, clock)
    await mine.reserve(50.0)
    await spend(store, MONTH, clock, 50.0)
    mine.settle(50.0, 50.0)
    with pytest.raises(BudgetSpent, match="100 tokens per month"):
        await mine.reserve(1.0)


async def test_what_a_worker_held_that_died_is_free_after_its_lease(store: Store) -> None:
    clock = Clock()
    await purse(store, MONTH, clock, "died").reserve(95.0)
    mine = purse(store, MONTH, clock)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await mine.reserve(20.0)
    clock.now += LEASE + 1
    await mine.reserve(20.0)


async def test_a_purse_that_nobody_uses_gives_back_what_it_holds(store: Store) -> None:
    clock = Clock()
    idle = purse(store, MONTH, clock, "idle")
    await idle.reserve(10.0)
    idle.settle(10.0, 0.0)
    await idle.tend()
    await idle.tend()
    await purse(store, MONTH, clock).reserve(100.0)


async def test_a_limit_lets_in_so_many_a_minute_and_slides_into_the_next(store: Store) -> None:
    clock = Clock()
    mine = purse(store, MINUTE, clock)
    for _ in range(5):
        await mine.reserve(1.0)
        mine.settle(1.0, 1.0)
    with pytest.raises(RateLimited) as refused:
        await mine.reserve(1.0)
    assert 1 <= int(refused.value.retry_after or 0) <= 60
    await mine.tend()
    clock.now += 60
    late = purse(store, MINUTE, clock)
    with pytest.raises(RateLimited) as again:
        await late.reserve(1.0)
    assert int(again.value.retry_after or 0) <= 12
    clock.now += 30
    later = purse(store, MINUTE, clock)
    await later.reserve(1.0)
    await later.reserve(1.0)
    with pytest.raises(RateLimited):
        await later.reserve(1.0)


async def test_many_at_once_get_no_more_than_there_is(store: Store) -> None:
    mine = purse(store, Bound(holder="h", measure="requests", per="minute", most=37.0), Clock())
    answers = await asyncio.gather(*(mine.reserve(1.0) for _ in range(100)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 37
    assert all(isinstance(answer, RateLimited) for answer in answers if answer is not None)


async def test_what_costs_nothing_is_let_in_though_the_budget_is_used_up(store: Store) -> None:
    clock = Clock()
    mine = purse(store, MONTH, clock)
    await mine.reserve(100.0)
    mine.settle(100.0, 150.0)
    await spend(store, MONTH, clock, 150.0)
    await mine.reserve(0.0)
    mine.settle(0.0, 0.0)
    with pytest.raises(BudgetSpent):
        await mine.reserve(0.1)

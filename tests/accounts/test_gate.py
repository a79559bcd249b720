"""The gate: who is bounded, and what calls take together."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.accounts.gate import Amounts, Gate
from parley.core.allowances import Account, Allowance, Budget, PerMinute
from parley.core.errors import RateLimited
from parley.core.holdings import Key
from parley.store import Store, open_store

BOUNDED = Allowance(budgets=[Budget(per="day", tokens=10)], limits=PerMinute(requests_per_minute=3))


class Clock:
    """A time that only moves when it is told to."""

    now = 1_700_000_000.0 // 60 * 60

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = await open_store(None, tmp_path)
    yield made
    await made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(store: Store, clock: Clock) -> Gate:
    return Gate(store.accounts, store.spending, "w", clock)


def a_key(allowance: Allowance | None) -> Key:
    return Key(
        id="k",
        name="k",
        hash="00",
        prefix="",
        scopes=(),
        account="a",
        created=0.0,
        expires_at=None,
        allowance=allowance,
    )


def test_the_gate_stands_open_where_nobody_is_bounded(gate: Gate) -> None:
    gate.hold_keys([a_key(None), a_key(Allowance())])
    gate.hold_accounts([Account(id="a", name="a", created=0.0)])
    assert not gate.bounded and gate.terms("a", "k") == ()


async def test_a_call_that_one_bound_refuses_takes_nothing_of_the_others(gate: Gate) -> None:
    gate.hold_accounts([Account(id="a", name="a", created=0.0, allowance=BOUNDED)])
    gate.hold_keys([a_key(Allowance(budgets=[Budget(per="week", usd=1.0)]))])
    terms = gate.terms("a", "k")
    assert len(terms) == 2 and gate.bounded
    for _ in range(2):
        ticket = await gate.enter(terms, Amounts(tokens=5.0, usd=0.1))
        ticket.used = Amounts(tokens=5.0, usd=0.4)
        charges = {charge.budget: charge.amount for charge in ticket.charges("req_1")}
        assert charges == {"account a|tokens|day": 5.0, "key k|usd|week": 0.4}
        ticket.close()
        ticket.close()
    ticket = await gate.enter(terms, Amounts(tokens=5.0, usd=0.1))
    ticket.close()
    with pytest.raises(RateLimited):
        for _ in range(3):
            await gate.enter(terms, Amounts(tokens=1.0))


async def test_what_was_used_in_a_minute_that_is_over_still_counts_in_the_next(gate: Gate, clock: Clock) -> None:
    gate.hold_accounts([Account(id="a", name="a", created=0.0, allowance=BOUNDED)])
    for _ in range(3):
        ticket = await gate.enter(gate.terms("a", "k"), Amounts())
        ticket.used = Amounts()
        ticket.close()
    clock.now += 60.0
    with pytest.raises(RateLimited):
        await gate.enter(gate.terms("a", "k"), Amounts())
    await gate.tend()
    clock.now += 30.0
    ticket = await gate.enter(gate.terms("a", "k"), Amounts())
    ticket.close()


async def test_accounts_that_calls_named_are_kept(gate: Gate, store: Store) -> None:
    gate.meet("new")
    await gate.tend()
    assert [account.id for account in await store.accounts.all()] == ["new"]

"""Walk, health and budget together, over scripted upstreams and simulated time."""

import functools
import heapq
import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from parley.routing.budget import Budget, BudgetRule
from parley.routing.health import Health, Permit
from parley.routing.outcome import ANSWERED, Outcome
from parley.routing.plan import Fallback, LoadBalance, Plan, Share
from parley.routing.walk import Around, Ask, Walk
from tests.routing.plans import BAD, Said, leaf

Upstream = Callable[[str, float, random.Random], Outcome]
PLANS: dict[str, Plan] = {
    "fallback": Fallback(children=(leaf("a", 1), leaf("b", 1), leaf("c", 1))),
    "balance": LoadBalance(shares=tuple(Share(plan=leaf(name)) for name in "abc"), failover=True),
    "latency": LoadBalance(shares=tuple(Share(plan=leaf(name)) for name in "abc"), failover=True, balance="latency"),
}


class Tally(Struct):
    calls: int = 0
    answered: int = 0
    attempts: int = 0
    at_a: list[float] = []


def run(plan: Plan, upstream: Upstream, *, until: float, rate: float = 100.0, seed: int = 1) -> Tally:
    rng = random.Random(seed)
    health, budget, tally = Health(rng), Budget(BudgetRule(), 0.0), Tally()
    for i in range(int(until * rate)):
        now = i / rate
        around = Around(gate=health, budget=budget, rng=rng, deadline=now + 30)
        walk = Walk(plan, Said(), around)
        tally.calls += 1
        ask = walk.step(None, now)
        while ask is not None:
            permit = health.begin(ask.name, now, forced=ask.forced)
            if permit is None:
                ask = walk.step(None, now)
                continue
            tally.attempts += 1
            outcome = upstream(ask.target.model, now, rng)
            if outcome.answered:
                permit.answered(now + 0.05)
                tally.answered += 1
                if ask.target.model == "a":
                    tally.at_a.append(now)
            else:
                permit.failed(outcome, now + 0.01)
            permit.close()
            if outcome.answered:
                budget.answered(now)
                break
            ask = walk.step(outcome, now)
    return tally


LATE = Outcome(status=504, alias=408, transport=True)
SPEED = {"b": 0.05, "c": 0.5}


def busy(plan: Plan, upstream: Callable[[str, float, random.Random], tuple[Outcome, float]]) -> Tally:
    """15 s of 200 calls/s whose attempts take time and overlap; `upstream` says how each ends and after how long."""
    rng = random.Random(1)
    health, budget, tally, count = Health(rng), Budget(BudgetRule(), 0.0), Tally(), itertools.count()
    events: list[tuple[float, int, Callable[[float], None]]] = []

    def at(time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(events, (time, next(count), event))

    def arrive(now: float) -> None:
        tally.calls += 1
        walk = Walk(plan, Said(), Around(gate=health, budget=budget, rng=rng, deadline=now + 30))
        go(walk, walk.step(None, now), now)

    def go(walk: Walk, ask: Ask | None, now: float) -> None:
        if ask is not None:
            at(now + ask.delay, functools.partial(begin, walk, ask))

    def begin(walk: Walk, ask: Ask, now: float) -> None:
        permit = health.begin(ask.name, now, forced=ask.forced)
        if permit is None:
            go(walk, walk.step(None, now), now)
            return
        tally.attempts += 1
        outcome, took = upstream(ask.target.model, now, rng)
        at(now + took, functools.partial(end, walk, permit, outcome))

    def end(walk: Walk, permit: Permit, outcome: Outcome, now: float) -> None:
        if outcome.answered:
            permit.answered(now)
            budget.answered(now)
            tally.answered += 1
        else:
            permit.failed(outcome, now)
        permit.close()
        go(walk, None if outcome.answered else walk.step(outcome, now), now)

    for i in range(15 * 200):
        at(i / 200, arrive)
    while events:
        now, _, event = heapq.heappop(events)
        event(now)
    return tally


def dead(model: str, now: float, rng: random.Random) -> Outcome:
    return BAD


@pytest.mark.parametrize("plan", PLANS)
def test_a_total_outage_is_not_amplified(plan: str) -> None:
    tally = run(PLANS[plan], dead, until=60)
    assert tally.attempts / tally.calls <= 1.2


@pytest.mark.parametrize("plan", PLANS)
def test_one_dead_and_one_that_refuses_every_other_call_are_survived(plan: str) -> None:
    def two_ill(model: str, now: float, rng: random.Random) -> Outcome:
        limited = model == "b" and rng.random() < 0.5
        return BAD if model == "a" else Outcome(status=429) if limited else ANSWERED

    tally = run(PLANS[plan], two_ill, until=60)
    assert tally.answered == tally.calls


@pytest.mark.parametrize("plan", PLANS)
def test_a_slow_outage_is_not_amplified_although_each_call_learns_late(plan: str) -> None:
    tally = busy(PLANS[plan], lambda model, now, rng: (LATE, 2.0) if now > 3 else (ANSWERED, 0.05))
    assert tally.attempts / tally.calls <= 1.2


@pytest.mark.parametrize("plan", PLANS)
def test_one_dead_one_limited_and_one_tenfold_slower_answer_every_call(plan: str) -> None:
    def ill(model: str, now: float, rng: random.Random) -> tuple[Outcome, float]:
        if now < 3:
            return ANSWERED, 0.05
        limited = model == "b" and rng.random() < 0.5
        return (BAD, 0.001) if model == "a" else (Outcome(status=429), 0.005) if limited else (ANSWERED, SPEED[model])

    tally = busy(PLANS[plan], ill)
    assert tally.answered == tally.calls


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), well_again=st.floats(1, 10))
def test_a_target_that_is_well_again_is_used_again_within_two_seconds(seed: int, well_again: float) -> None:
    def ill_for_a_while(model: str, now: float, rng: random.Random) -> Outcome:
        return BAD if model == "a" and now < well_again else ANSWERED

    tally = run(PLANS["fallback"], ill_for_a_while, until=well_again + 3, rate=50, seed=seed)
    assert min(tally.at_a) <= well_again + 2
    assert sum(now >= well_again + 2 for now in tally.at_a) >= 40


@settings(max_examples=25)
@given(
    plan=st.sampled_from(sorted(PLANS)),
    seed=st.integers(0, 10**6),
    outages=st.lists(st.tuples(st.floats(0, 20), st.floats(0.1, 10), st.sets(st.sampled_from("abc"))), max_size=5),
)
def test_over_any_outages_attempts_stay_within_the_budget(
    plan: str, seed: int, outages: list[tuple[float, float, set[str]]]
) -> None:
    def scripted(model: str, now: float, rng: random.Random) -> Outcome:
        return BAD if any(since <= now < since + long and model in who for since, long, who in outages) else ANSWERED

    tally = run(PLANS[plan], scripted, until=20, rate=20, seed=seed)
    rule = BudgetRule()
    extra = tally.calls * rule.per_call + tally.answered * rule.per_answer + 20 * rule.per_second + rule.most / 2
    assert tally.calls <= tally.attempts <= tally.calls + extra
    if not outages:
        assert tally.attempts == tally.answered == tally.calls

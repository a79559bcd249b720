"""Choosing a child of a load balance: weights, waits, stickiness."""

import math
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.routing.choice import pick
from parley.routing.plan import Balance, LoadBalance, Share
from tests.routing.plans import Said, leaf


def balanced(weights: dict[str, float], *, balance: Balance = "weighted", sticky: bool = False) -> LoadBalance:
    shares = tuple(Share(plan=leaf(name), weight=weight) for name, weight in weights.items())
    return LoadBalance(shares=shares, balance=balance, sticky=(("session_id", ""),) if sticky else ())


def chosen(plan: LoadBalance, facts: Said, rng: random.Random, loads: dict[str, float] | None = None) -> str:
    share = pick(plan, plan.shares, facts, lambda name: (loads or {}).get(name, 1.0), rng)
    return share.plan.path  # type: ignore[union-attr]


@settings(max_examples=30)
@given(weights=st.lists(st.floats(0.05, 10), min_size=1, max_size=6), seed=st.integers(0, 2**32))
def test_weights_are_kept_within_chance(weights: list[float], seed: int) -> None:
    plan = balanced({str(i): weight for i, weight in enumerate(weights)})
    rng, draws = random.Random(seed), 2000
    counted = Counter(chosen(plan, Said(), rng) for _ in range(draws))
    for i, weight in enumerate(weights):
        part = weight / sum(weights)
        assert abs(counted[str(i)] - draws * part) <= 6 * math.sqrt(draws * part * (1 - part)) + 1


def test_of_two_the_one_with_the_shorter_wait_is_asked() -> None:
    plan = balanced({"slow": 1, "quick": 1}, balance="latency")
    loads = {"p/slow": 2.0, "p/quick": 0.1}
    assert {chosen(plan, Said(), random.Random(seed), loads) for seed in range(20)} == {"quick"}


def test_the_slowest_of_three_is_never_asked_and_the_others_share() -> None:
    plan = balanced({"a": 1, "b": 1, "slow": 1}, balance="latency")
    rng = random.Random(5)
    counted = Counter(chosen(plan, Said(), rng, {"p/slow": 9.0, "p/a": 1.0, "p/b": 1.1}) for _ in range(300))
    assert counted["slow"] == 0
    assert counted["a"] > counted["b"] > 50


@given(key=st.text(max_size=20), names=st.sets(st.text("abcdef", min_size=1), min_size=2, max_size=8))
def test_sticky_calls_move_only_when_their_own_target_goes(key: str, names: set[str]) -> None:
    facts, rng = Said(session_id=key), random.Random(1)
    before = chosen(balanced(dict.fromkeys(names, 1.0), sticky=True), facts, rng)
    for gone in names:
        left = dict.fromkeys(names - {gone}, 1.0)
        after = chosen(balanced(left, sticky=True), facts, rng)
        assert after == before or gone == before


@given(key=st.text(max_size=20), names=st.sets(st.text("abcdef", min_size=1), min_size=1, max_size=8))
def test_sticky_calls_move_only_to_a_target_that_came(key: str, names: set[str]) -> None:
    facts, rng = Said(session_id=key), random.Random(1)
    before = chosen(balanced(dict.fromkeys(names, 1.0), sticky=True), facts, rng)
    after = chosen(balanced({**dict.fromkeys(names, 1.0), "new": 1.0}, sticky=True), facts, rng)
    assert after in (before, "new")


def test_sticky_calls_spread_by_weight() -> None:
    plan = balanced({"a": 3, "b": 1}, sticky=True)
    counted = Counter(chosen(plan, Said(session_id=f"s{i}"), random.Random(1)) for i in range(2000))
    assert 1400 < counted["a"] < 1600


def test_a_call_without_the_sticky_facts_is_drawn_by_chance() -> None:
    plan = balanced({"a": 1, "b": 1}, sticky=True)
    rng = random.Random(3)
    assert {chosen(plan, Said(), rng) for _ in range(50)} == {"a", "b"}

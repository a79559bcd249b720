"""The limit on calls at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.routing.concurrency import Limit, LimitRule

RULE = LimitRule(floor=4, start=20, most=100)


def answered(limit: Limit, latency: float, times: int, since: float = 0.0) -> None:
    for i in range(times):
        limit.answered(latency, since + i * 0.01)


def busy() -> Limit:
    limit = Limit(RULE)
    for _ in range(RULE.most):
        limit.enter()
    return limit


def test_it_grows_while_calls_are_quick_and_it_is_used() -> None:
    limit = busy()
    answered(limit, 0.1, 200)
    assert limit.limit == RULE.most


def test_it_does_not_grow_while_nobody_needs_it() -> None:
    limit = Limit(RULE)
    answered(limit, 0.1, 200)
    assert limit.limit == RULE.start


def test_it_shrinks_when_calls_become_slow_and_recovers() -> None:
    limit = busy()
    answered(limit, 0.1, 200)
    answered(limit, 1.0, 200, since=2.0)
    small = limit.limit
    assert small < RULE.start
    answered(limit, 0.1, 200, since=4.0)
    assert limit.limit > small * 2


def test_what_is_slow_for_long_becomes_normal() -> None:
    limit = busy()
    answered(limit, 0.1, 50)
    for second in range(100):
        limit.answered(1.0, 10.0 + second)
    assert limit.baseline == pytest.approx(1.0)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1000)), max_size=300))
def test_it_stays_between_its_bounds(script: list[float | None]) -> None:
    limit = busy()
    for i, latency in enumerate(script):
        limit.overloaded() if latency is None else limit.answered(latency, i * 0.5)
        assert RULE.floor <= limit.limit <= RULE.most

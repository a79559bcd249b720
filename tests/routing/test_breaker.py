"""The circuit breaker: when it opens, how many it lets through, and how soon it is back."""

import random

from hypothesis import given
from hypothesis import strategies as st

from parley.routing.breaker import Breaker, BreakerRule

RULE = BreakerRule()


def breaker(seed: int = 1, rule: BreakerRule = RULE) -> Breaker:
    return Breaker(rule, random.Random(seed))


def fail(one: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        ticket = one.enter(now)
        assert ticket is not None
        one.fail(ticket, now)


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    one = breaker()
    fail(one, 0.0, RULE.consecutive - 1)
    assert one.state(0.0) == "closed"
    fail(one, 0.0)
    assert one.state(0.0) == "open"
    assert one.enter(0.1) is None


def test_it_opens_when_half_of_a_full_window_failed() -> None:
    one = breaker()
    for i in range(RULE.full):
        ticket = one.enter(0.1 * i)
        if ticket is None:
            break
        (one.fail if i % 2 else one.succeed)(ticket, 0.1 * i)
    assert one.state(2.0) == "open"


def test_old_failures_are_forgotten() -> None:
    one = breaker()
    for i in range(60):
        ticket = one.enter(i * 1.0)
        assert ticket is not None
        (one.fail if i % 3 == 0 else one.succeed)(ticket, i * 1.0)
    assert one.failure_rate(100.0) == (0.0, 0)


def test_answers_to_its_probes_close_it() -> None:
    one = breaker()
    fail(one, 0.0, 5)
    probes = [one.enter(0.6), one.enter(0.6)]
    assert one.enter(0.6) is None
    for ticket in probes:
        assert ticket is not None
        one.succeed(ticket, 0.7)
    assert one.state(0.7) == "closed"


def test_a_failed_probe_opens_it_again_for_longer() -> None:
    one = breaker()
    fail(one, 0.0, 5)
    fail(one, 0.6)
    assert one.state(0.6 + 0.74) == "open"
    assert one.state(0.6 + 1.01) == "half_open"


def test_a_probe_that_tells_nothing_makes_room_for_another() -> None:
    one = breaker(rule=BreakerRule(probes=1))
    fail(one, 0.0, 5)
    ticket = one.enter(0.6)
    assert ticket is not None
    assert one.enter(0.6) is None
    one.leave(ticket)
    assert one.enter(0.6) is not None


def test_late_results_of_calls_that_began_before_it_opened_count_for_nothing() -> None:
    one = breaker()
    old = one.enter(0.0)
    assert old is not None
    fail(one, 0.0, 5)
    one.succeed(old, 0.1)
    assert one.state(0.1) == "open"


def test_a_forced_call_that_is_answered_lets_probes_through_at_once() -> None:
    one = breaker()
    fail(one, 0.0, 5)
    one.succeed(one.force(), 0.1)
    assert one.state(0.1) == "half_open"


@given(st.lists(st.tuples(st.sampled_from(("enter", "succeed", "fail", "leave")), st.floats(0, 0.5)), max_size=200))
def test_no_more_than_its_probes_are_ever_under_way_while_it_is_half_open(script: list[tuple[str, float]]) -> None:
    one, now = breaker(), 0.0
    fail(one, now, 5)
    probing: list[int] = []
    entered_closed: list[int] = []
    for what, passed in script:
        now += passed
        if what == "enter":
            was = one.state(now)
            ticket = one.enter(now)
            if ticket is not None:
                (entered_closed if was == "closed" else probing).append(ticket)
        elif probing or entered_closed:
            ticket = (probing or entered_closed).pop(0)
            if what == "leave":
                one.leave(ticket)
            else:
                (one.succeed if what == "succeed" else one.fail)(ticket, now)
        if one.state(now) != "half_open":
            probing.clear()
        assert len(probing) <= RULE.probes


@given(seed=st.integers(0, 10**6), outage=st.floats(0.5, 60), pause=st.floats(0.01, 0.1))
def test_it_is_back_within_two_seconds_of_the_upstream(seed: int, outage: float, pause: float) -> None:
    one, now = breaker(seed), 0.0
    while now < outage + 2.0:
        ticket = one.enter(now)
        if ticket is not None:
            (one.fail if now < outage else one.succeed)(ticket, now)
        now += pause
    assert one.state(now) == "closed"

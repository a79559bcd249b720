"""A target's health as attempts report it."""

import random

from parley.routing.breaker import BreakerRule
from parley.routing.concurrency import LimitRule
from parley.routing.health import Health
from parley.routing.outcome import Outcome
from tests.routing.plans import BAD, REFUSED


def health(**more: object) -> Health:
    return Health(random.Random(1), **more)  # type: ignore[arg-type]


def end(one: Health, name: str, now: float, outcome: Outcome | None, took: float = 0.1) -> None:
    permit = one.begin(name, now)
    assert permit is not None
    if outcome is None:
        permit.answered(now + took)
    else:
        permit.failed(outcome, now + took)
    permit.close()


def test_a_target_that_nobody_asked_is_well() -> None:
    assert health().why_not("a", 0.0) is None
    assert health().load("a", 0.0) == 0.0


def test_failures_open_its_circuit_and_show() -> None:
    one = health()
    for _ in range(5):
        end(one, "a", 0.0, BAD)
    assert one.why_not("a", 0.2) == "open"
    assert one.begin("a", 0.2) is None
    shown = one.shown(0.2)[0]
    assert (shown.name, shown.circuit, shown.in_flight) == ("a", "open", 0)


def test_a_forced_call_goes_through_an_open_circuit() -> None:
    one = health()
    for _ in range(5):
        end(one, "a", 0.0, BAD)
    permit = one.begin("a", 0.2, forced=True)
    assert permit is not None
    permit.answered(0.3)
    permit.close()
    assert one.why_not("a", 0.3) is None


def test_refusals_of_the_request_say_nothing_of_the_target() -> None:
    one = health()
    for _ in range(50):
        end(one, "a", 0.0, REFUSED)
    assert one.why_not("a", 1.0) is None


def test_a_429_with_retry_after_cools_it() -> None:
    one = health()
    end(one, "a", 0.0, Outcome(status=429, retry_after=5.0))
    assert one.why_not("a", 4.0) == "cooling"
    assert one.begin("a", 4.0) is None
    assert one.why_not("a", 5.2) is None


def test_calls_beyond_its_limit_do_not_begin() -> None:
    one = health(limit=LimitRule(floor=1, start=2))
    permits = [one.begin("a", 0.0), one.begin("a", 0.0)]
    assert one.why_not("a", 0.0) == "full"
    assert one.begin("a", 0.0) is None
    assert permits[0] is not None
    permits[0].close()
    permits[0].close()
    assert one.why_not("a", 0.0) is None
    assert one.shown(0.0)[0].in_flight == 1


def test_a_forced_call_oversteps_the_limit_but_not_the_last_one() -> None:
    one = health(limit=LimitRule(floor=1, start=1, most=2))
    assert one.begin("a", 0.0) is not None
    assert one.begin("a", 0.0, forced=True) is not None
    assert one.why_not("a", 0.0) == "packed"
    assert one.begin("a", 0.0, forced=True) is None


def test_a_probe_whose_client_left_makes_room_for_another() -> None:
    one = health(breaker=BreakerRule(probes=1))
    for _ in range(5):
        end(one, "a", 0.0, BAD)
    permit = one.begin("a", 1.0)
    assert permit is not None
    assert one.why_not("a", 1.0) == "open"
    permit.close()
    assert one.why_not("a", 1.0) is None


def test_a_cut_after_the_first_token_counts_as_a_failure() -> None:
    one = health()
    for _ in range(20):
        permit = one.begin("a", 0.0)
        if permit is None:
            break
        permit.answered(0.1)
        permit.failed(Outcome(status=502, alias=500, transport=True), 0.2)
        permit.close()
    assert one.why_not("a", 0.3) == "open"


def test_the_load_grows_with_latency_and_with_calls_under_way() -> None:
    one = health()
    end(one, "quick", 0.0, None, took=0.1)
    end(one, "slow", 0.0, None, took=1.0)
    assert one.load("slow", 1.0) > one.load("quick", 1.0) * 5
    before = one.load("quick", 1.0)
    assert one.begin("quick", 1.0) is not None
    assert one.load("quick", 1.0) > before


def test_a_target_that_fails_more_than_its_peers_is_set_aside() -> None:
    one = health(breaker=BreakerRule(rate=1.1, consecutive=1000))
    for i in range(20):
        end(one, "a", i * 0.1, BAD if i % 2 else None)
        end(one, "b", i * 0.1, None)
        end(one, "c", i * 0.1, None)
    assert one.outliers(["a", "b", "c"], 2.0) == {"a"}
    assert one.outliers(["a"], 2.0) == frozenset()


def test_idle_targets_are_forgotten() -> None:
    one = health(most=3)
    held = one.begin("held", 0.0)
    for i in range(10):
        end(one, str(i), 0.0, None)
    assert held is not None
    assert {shown.name for shown in one.shown(1.0)} == {"held", "8", "9"}

"""Maitai's three strategies, event by event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.asks import FallbackConfig
from parley.core.errors import BadRequest
from parley.routing.race import STRATEGIES, Do, Race, Rule, Runner, Strategy, read_rule

START_FIRST, START_SECOND = Do("start", "first"), Do("start", "second")


def test_reactive_asks_the_second_when_the_first_fails() -> None:
    race = Race(Rule(strategy="reactive"))
    assert race.begin(0.0) == [START_FIRST]
    assert race.wake_at is None
    assert race.failed("first", "it said 503") == [START_SECOND]
    assert race.answered("second") == [Do("win", "second")]
    assert race.reason == "it said 503"


def test_reactive_with_a_timeout_lets_both_run_after_it() -> None:
    race = Race(Rule(strategy="reactive", timeout=2.0))
    race.begin(10.0)
    assert race.wake_at == 12.0
    assert race.tick(11.9) == []
    assert race.tick(12.0) == [START_SECOND]
    assert race.answered("first") == [Do("win", "first"), Do("cancel", "second")]
    assert race.reason is None


def test_timeout_gives_the_first_up_when_its_time_is_over() -> None:
    race = Race(Rule(strategy="timeout", timeout=2.0))
    race.begin(0.0)
    assert race.tick(2.0) == [START_SECOND, Do("cancel", "first")]
    assert race.answered("first") == []
    assert race.answered("second") == [Do("win", "second")]
    assert race.reason == "no answer within 2 s"


def test_first_response_starts_both_and_cancels_the_loser() -> None:
    race = Race(Rule(strategy="first_response"))
    assert race.begin(0.0) == [START_FIRST, START_SECOND]
    assert race.answered("second") == [Do("win", "second"), Do("cancel", "first")]


def test_first_response_with_a_timeout_starts_the_second_after_it() -> None:
    race = Race(Rule(strategy="first_response", timeout=1.0))
    assert race.begin(0.0) == [START_FIRST]
    assert race.tick(1.0) == [START_SECOND]


def test_when_both_fail_the_last_error_is_the_callers() -> None:
    race = Race(Rule(strategy="first_response"))
    race.begin(0.0)
    assert race.failed("second", "x") == []
    assert race.failed("first", "y") == [Do("lose", "first")]


def test_a_strategy_is_reactive_unless_it_says_otherwise() -> None:
    assert read_rule(None) == Rule()
    assert read_rule(FallbackConfig(model="m")) == Rule(strategy="reactive")
    assert read_rule(FallbackConfig(strategy="timeout", timeout=3.0)) == Rule(strategy="timeout", timeout=3.0)


@pytest.mark.parametrize("config", [FallbackConfig(strategy="fastest"), FallbackConfig(strategy="timeout")])
def test_a_strategy_that_is_none_is_the_callers_mistake(config: FallbackConfig) -> None:
    with pytest.raises(BadRequest, match="fallback_config"):
        read_rule(config)


EVENTS = st.lists(st.tuples(st.sampled_from(("tick", "answered", "failed")), st.sampled_from(("first", "second"))))


@given(strategy=st.sampled_from(STRATEGIES), timeout=st.none() | st.floats(0.1, 5), events=EVENTS)
def test_whatever_happens_one_ends_the_race_and_nobody_runs_on(
    strategy: Strategy, timeout: float | None, events: list[tuple[str, Runner]]
) -> None:
    race = Race(Rule(strategy=strategy, timeout=timeout))
    orders, now = race.begin(0.0), 0.0
    running, started, ends = set[str](), list[str](), 0
    for event, runner in [*events, ("failed", "first"), ("failed", "second")]:
        for do in orders:
            match do.order:
                case "start":
                    started.append(do.runner)
                    running.add(do.runner)
                case "cancel":
                    running.remove(do.runner)
                case _:
                    ends += 1
                    running.discard(do.runner)
        now += 1.0
        if event == "tick":
            orders = race.tick(now)
        elif runner in running:
            running -= {runner} if event == "failed" else set()
            orders = race.answered(runner) if event == "answered" else race.failed(runner, "why")
        else:
            orders = []
    ends += sum(do.order in ("win", "lose") for do in orders)
    assert len(started) == len(set(started))
    assert ends <= 1
    if ends:
        assert not running

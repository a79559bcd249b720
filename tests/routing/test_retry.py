"""Retries: after what, after how long, and what Retry-After may say."""

import random
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.routing.outcome import ANSWERED, Outcome
from parley.routing.plan import Retry
from parley.routing.retry import CEILING, may_retry, wait_before
from parley.routing.retry_after import parse_retry_after


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_these_are_retried(status: int) -> None:
    assert may_retry(Retry(attempts=1), 0, Outcome(status=status))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_these_are_not(status: int) -> None:
    assert not may_retry(Retry(attempts=1), 0, Outcome(status=status))


def test_a_config_names_its_own_statuses() -> None:
    retry = Retry(attempts=1, on_status_codes=frozenset({404}))
    assert may_retry(retry, 0, Outcome(status=404))
    assert not may_retry(retry, 0, Outcome(status=503))


def test_nothing_is_retried_after_an_answer_a_fault_of_the_house_or_the_last_attempt() -> None:
    assert not may_retry(Retry(attempts=1), 0, ANSWERED)
    assert not may_retry(Retry(attempts=1), 0, Outcome(status=500, final=True))
    assert not may_retry(Retry(attempts=1), 1, Outcome(status=503))


@given(done=st.integers(0, 10**6), seed=st.integers())
def test_waits_are_drawn_below_a_doubling_ceiling(done: int, seed: int) -> None:
    wait = wait_before(Retry(attempts=1), done, Outcome(status=503), random.Random(seed))
    assert wait is not None
    assert 0 <= wait <= min(CEILING, 0.5 * 2 ** min(done, 20))


def test_a_long_retry_after_means_not_in_this_call() -> None:
    assert wait_before(Retry(attempts=1), 0, Outcome(status=429, retry_after=61.0), random.Random(1)) is None


def test_a_config_may_ignore_retry_after() -> None:
    retry = Retry(attempts=1, honour_retry_after=False)
    wait = wait_before(retry, 0, Outcome(status=429, retry_after=30.0), random.Random(1))
    assert wait is not None
    assert wait <= 0.5


def test_retry_after_is_seconds_or_a_date() -> None:
    assert parse_retry_after("7", 0.0) == 7.0
    assert parse_retry_after(" 1.5 ", 0.0) == 1.5
    assert parse_retry_after(formatdate(1_000_030, usegmt=True), 1_000_000.0) == 30.0
    assert parse_retry_after(formatdate(999_000, usegmt=True), 1_000_000.0) == 0.0
    assert parse_retry_after("-3", 0.0) is None
    assert parse_retry_after(None, 0.0) is None


@given(st.text())
def test_no_retry_after_is_ever_a_crash(value: str) -> None:
    found = parse_retry_after(value, 1e9)
    assert found is None or found >= 0

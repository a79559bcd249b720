"""The times that budgets run in."""

from datetime import UTC, datetime

import pytest

from parley.accounts.periods import period


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("per", "now", "since", "until"),
    [
        ("minute", "2026-11-21T14:20:59", "2026-11-21T14:20:00", "2026-11-21T14:21:00"),
        ("day", "2026-11-21T23:59:59", "2026-11-21", "2026-11-22"),
        ("week", "2026-11-21T12:00:00", "2026-11-15", "2026-11-22"),
        ("week", "2026-11-22T00:00:00", "2026-11-22", "2026-11-29"),
        ("week", "1970-01-02", "1969-12-28", "1970-01-04"),
        ("month", "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29", "2028-02-01", "2028-03-01"),
    ],
)
def test_periods_begin_and_end_in_utc_weeks_on_sunday(per: str, now: str, since: str, until: str) -> None:
    assert period(per, at(now)) == (at(since), at(until))

"""Times are written as RFC 3339 in UTC."""

from parley.wire.clock import iso, now


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1700000000.25) == "2023-11-14T22:13:20.250Z"
    assert iso(now()).endswith("Z")

"""Tells the time of day, in seconds since 1970 and as text."""

from datetime import UTC, datetime
from time import time


def now() -> float:
    """Seconds since 1970 (UTC). For durations and deadlines use the loop's clock, which never steps back."""
    return time()


def iso(seconds: float) -> str:
    """`seconds` since 1970 as RFC 3339 in UTC with milliseconds: `2026-11-21T08:15:00.250Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

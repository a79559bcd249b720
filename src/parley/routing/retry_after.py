"""The Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3)."""

from email.utils import parsedate_to_datetime

LONGEST = 60.0
"""Seconds of patience that are believed; Portkey's cap (docs, 2026-08)."""


def parse_retry_after(value: str | None, clock: float) -> float | None:
    """Seconds from `clock` (seconds since 1970), never negative; `None` for what is neither a number nor a date."""
    text = value.strip() if value else ""
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text[:32])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - clock)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

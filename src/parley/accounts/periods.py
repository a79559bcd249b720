"""The times that budgets and limits run in, all UTC: minute, day, week from Sunday, month from the 1st."""

from datetime import UTC, datetime

DAY = 86_400
LENGTHS = {"minute": 60, "day": DAY, "week": 7 * DAY}
THURSDAY = 4
"""1970 began on a Thursday, four days after a Sunday."""


def period(per: str, now: float) -> tuple[float, float]:
    """When the period that holds `now` began and when it ends, in epoch seconds."""
    if per == "month":
        moment = datetime.fromtimestamp(now, UTC)
        year, month = (moment.year, moment.month + 1) if moment.month < 12 else (moment.year + 1, 1)
        first = datetime(moment.year, moment.month, 1, tzinfo=UTC)
        return first.timestamp(), datetime(year, month, 1, tzinfo=UTC).timestamp()
    length = LENGTHS[per]
    shift = THURSDAY * DAY if per == "week" else 0
    since = (now + shift) // length * length - shift
    return since, since + length

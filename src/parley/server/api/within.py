"""Which requests a query means: its times and its filters."""

from typing import Any

from parley.core.errors import BadRequest
from parley.server.api.reading import time_of
from parley.server.api.shapes import Within

FILTERS = ("account", "application", "intent", "session_id", "user_id", "model", "provider", "outcome")


def ordered(since: str | None, until: str | None) -> tuple[float | None, float | None]:
    """Both in epoch seconds. Raises BadRequest where they are no times or the wrong way round."""
    first, last = time_of(since, "since"), time_of(until, "until")
    if first is not None and last is not None and first > last:
        raise BadRequest("`since` is later than `until`.", param="since")
    return first, last


def filters_of(query: Within) -> dict[str, Any]:
    """The filters that are given; `metadata` as pairs. Raises BadRequest."""
    found: dict[str, Any] = {name: value for name in FILTERS if (value := getattr(query, name)) is not None}
    if query.metadata:
        found["metadata"] = [_pair(one) for one in query.metadata]
    return found


def _pair(text: str) -> tuple[str, str]:
    key, mark, value = text.partition(":")
    if not key or not mark:
        raise BadRequest("`metadata` is written KEY:VALUE.", param="metadata")
    return key, value

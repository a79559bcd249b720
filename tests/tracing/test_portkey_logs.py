"""Logs of Portkey's SDK become spans, whatever stands in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.errors import BadRequest
from parley.tracing.portkey_logs import MOST, spans_of_logs

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["request", "response", "metadata", "trace_id", "span_id", "start_time"])
INSIDE = st.dictionaries(
    st.sampled_from(["body", "response_time", "status", "traceId", "startTime", "usage", "model", "spanName"]), JSON
)


@given(st.dictionaries(NAMES, JSON | INSIDE))
def test_a_log_of_any_json_is_one_span(log: dict[str, Any]) -> None:
    (span,) = spans_of_logs(log, "a", "t", 100.0)
    assert span.id and span.trace_id and span.name and span.ms >= 0


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (1_700_000_000, 1_700_000_000.0),
        (1_700_000_000_000, 1_700_000_000.0),
        (1_700_000_000_000_000_000, 1_700_000_000.0),
        ("1700000000.5", 1_700_000_000.5),
        ("2023-11-14T22:13:20+00:00", 1_700_000_000.0),
        ("²", 100.0),
        ("soon", 100.0),
        (10**400, 100.0),
        (-1, 100.0),
    ],
)
def test_times_come_in_many_forms(given: Any, meant: float) -> None:
    (span,) = spans_of_logs({"metadata": {"startTime": given}}, "a", "t", 100.0)
    assert span.created == meant


def test_more_than_are_taken_at_once_are_refused() -> None:
    with pytest.raises(BadRequest, match="1000"):
        spans_of_logs([{}] * (MOST + 1), "a", "t", 0.0)

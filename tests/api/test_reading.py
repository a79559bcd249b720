"""Times in queries."""

import pytest

from parley.core.errors import BadRequest
from parley.server.api.reading import time_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2023-11-15", 1700006400.0),
        ("2023-11-15T00:00:00Z", 1700006400.0),
        ("2023-11-15T01:00:00+01:00", 1700006400.0),
        ("2023-11-15T01:00:00 01:00", 1700006400.0),  # a plus sign that a query string turned into a space
        ("1700006400", 1700006400.0),
        (1700006400.5, 1700006400.5),
        ("24h", 1000000.0 - 86400),
        ("2w", 1000000.0 - 14 * 86400),
        (None, None),
    ],
)
def test_a_time_is_read_in_every_form(text, seconds):
    assert time_of(text, "since", now=1_000_000.0) == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "nan", "inf", "-1", "1e300", "2023-13-01", "99999999999999"])
def test_what_is_no_time_is_named(text):
    with pytest.raises(BadRequest, match="`until` is not a time") as refused:
        time_of(text, "until")
    assert refused.value.param == "until"

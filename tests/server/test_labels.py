"""Metadata and baggage in headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.core.errors import BadRequest
from parley.server.labels import MEMBERS, labels, read_baggage, read_metadata


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (b'{"a": "b", "n": 1, "deep": {"x": [1]}}', {"a": "b", "n": 1, "deep": {"x": [1]}}),
        (b'{"a": "\\u00e9"}', {"a": "é"}),
        (b"{'a': 'b', '_user': 'ann'}", {"a": "b", "_user": "ann"}),
        (b"{'a': 'it\\'s', 'b': 'say \"hi\"'}", {"a": "it's", "b": 'say "hi"'}),
        (b"{'a': \"b\"}", {"a": "b"}),
        (b"{}", {}),
    ],
)
def test_metadata_is_read_in_either_quotes(given: bytes, meant: dict[str, object]) -> None:
    assert read_metadata(given) == meant


@given(st.binary(max_size=60))
def test_metadata_of_any_bytes_is_read_or_refused(given: bytes) -> None:
    try:
        assert isinstance(read_metadata(given), dict)
    except BadRequest as error:
        assert error.param == "x-portkey-metadata"


def test_baggage_is_decoded_and_bounded() -> None:
    assert read_baggage("a=1, b = two%20words ;p=1,nothing,=x,c=") == {"a": "1", "b": "two words", "c": ""}
    assert len(read_baggage(",".join(f"k{n}=v" for n in range(200)))) == MEMBERS


def test_what_is_nearer_to_the_request_wins() -> None:
    headers = {b"baggage": b"a=1,b=1,c=1", b"x-portkey-metadata": b'{"b": 2, "c": 2}'}
    assert labels(headers, {"c": 3}) == {"a": "1", "b": 2, "c": 3}
    assert labels({b"baggage": b""}, None) is None

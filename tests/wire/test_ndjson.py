"""Lines come out whole, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.wire.errors import FrameTooLong
from parley.wire.ndjson import LineDecoder, line_frame
from tests.wire.cuts import random_cuts, same_however_cut


def read(pieces: list[bytes]) -> list[bytes]:
    decoder = LineDecoder()
    lines = [line for piece in pieces for line in decoder.feed(piece)]
    return lines + decoder.flush()


def test_lines_are_cut_at_lf_and_crlf_and_empty_ones_passed_over() -> None:
    assert same_however_cut(b'{"a":1}\n\r\n\n{"b":2}\r\n{"c":3}', read) == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


@given(random_cuts(st.lists(st.sampled_from([b"a", b"\n", b"\r\n"])).map(b"".join)))
def test_random_cuts_change_nothing(pieces: list[bytes]) -> None:
    assert read(pieces) == read([b"".join(pieces)])


@pytest.mark.parametrize("pieces", [[b"x" * 30] * 4, [b"x" * 101 + b"\n"]])
def test_a_line_without_end_is_refused(pieces: list[bytes]) -> None:
    decoder = LineDecoder(limit=100)
    with pytest.raises(FrameTooLong):
        for piece in pieces:
            decoder.feed(piece)


def test_a_line_is_framed_unless_it_holds_a_line_end() -> None:
    assert line_frame(b"{}") == b"{}\n"
    with pytest.raises(ValueError, match="line end"):
        line_frame(b"{\n}")

"""The event decoder gives what the WHATWG says, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.wire.errors import FrameTooLong
from parley.wire.sse import SseDecoder, SseEvent, comment_frame, data_frame, named_frame
from tests.wire.cuts import random_cuts, same_however_cut

Seen = list[tuple[bytes, bytes | None, bytes | None]]


def read(pieces: list[bytes]) -> Seen:
    decoder = SseDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [(event.data, event.event, event.id) for event in events]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: one\n\ndata: two\n\n", [b"one", b"two"]),
        (b"data: one\r\n\r\ndata: two\r\n\r\n", [b"one", b"two"]),
        (b"data: one\r\rdata: two\r\r", [b"one", b"two"]),
        (b"data: a\ndata: b\ndata:\n\n", [b"a\nb\n"]),
        (b"data: a\r\ndata: b\n\r\n", [b"a\nb"]),
        (b"\xef\xbb\xbfdata: bom\n\n", [b"bom"]),
        (b"\xef\xbbdata: not a bom\n\ndata: x\n\n", [b"x"]),
        (b": comment\n\n: another\ndata: x\n\n", [b"x"]),
        (b"data:no space\n\ndata:  two spaces\n\n", [b"no space", b" two spaces"]),
        (b"data\n\n", [b""]),
        (b"event: empty\n\n\n\n\ndata: x\n\n\n", [b"x"]),
        (b"unknown: field\ndata: x\n\n", [b"x"]),
        ("data: ünïcödé 🙂\n\n".encode(), ["ünïcödé 🙂".encode()]),
        (b"data: never ended\n", []),
        (b"\n\ndata: x\n\n", [b"x"]),
        (b" data: x\n\n", []),
    ],
)
def test_events_are_read_as_the_whatwg_says_however_cut(stream: bytes, expected: list[bytes]) -> None:
    assert [data for data, _, _ in same_however_cut(stream, read)] == expected


def test_names_and_ids_are_kept_and_an_id_stays_until_the_next() -> None:
    stream = b"event: start\ndata: 1\nid: 7\n\ndata: 2\n\nid\ndata: 3\n\nid: a\0b\nevent:\ndata: 4\n\n"
    assert same_however_cut(stream, read) == [
        (b"1", b"start", b"7"),
        (b"2", None, b"7"),
        (b"3", None, None),
        (b"4", None, None),
    ]


def test_retry_is_kept_if_it_is_a_number() -> None:
    decoder = SseDecoder()
    decoder.feed(b"retry: 1500\n\nretry: soon\n\n")
    assert decoder.retry_ms == 1500


def test_a_last_event_without_its_blank_line_is_given_by_flush() -> None:
    def flushed(pieces: list[bytes]) -> list[SseEvent]:
        decoder = SseDecoder()
        for piece in pieces:
            decoder.feed(piece)
        return decoder.flush() + decoder.flush()

    assert [event.data for event in same_however_cut(b"data: 1\n\ndata: [DONE]", flushed)] == [b"[DONE]"]
    assert same_however_cut(b"data: 1\n\n: bye", flushed) == []


@pytest.mark.parametrize("pieces", [[b"data: " + b"x" * 200], [b"data: x\n"] * 20, [b"data: " + b"x" * 200 + b"\n\n"]])
def test_an_event_without_end_is_refused(pieces: list[bytes]) -> None:
    decoder = SseDecoder(limit=100)
    with pytest.raises(FrameTooLong, match="longer than 100 bytes"):
        for piece in pieces:
            decoder.feed(piece)


@given(random_cuts(st.lists(st.sampled_from([b"data: a", b"event: b", b"\n", b"\r", b": c", b"id: 1"])).map(b"".join)))
def test_random_cuts_change_nothing(pieces: list[bytes]) -> None:
    assert read(pieces) == read([b"".join(pieces)])


@given(st.binary(), st.sampled_from([None, b"named"]))
def test_what_is_framed_is_read_back(payload: bytes, name: bytes | None) -> None:
    frame = named_frame(name, payload) if name else data_frame(payload)
    expected = payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert read([frame]) == [(expected, name, None)]


def test_a_comment_is_no_event() -> None:
    assert comment_frame(b"ping") == b": ping\n\n"
    assert read([comment_frame(), comment_frame(b"ping")]) == []


def test_a_line_end_in_a_name_or_comment_is_refused() -> None:
    with pytest.raises(ValueError, match="line end"):
        named_frame(b"a\nb", b"")
    with pytest.raises(ValueError, match="line end"):
        comment_frame(b"a\rb")

"""AWS's binary event streams: whole, cut everywhere, bent and overlong."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.wire.errors import FrameTooLong, WireError
from parley.wire.event_stream_frames import EventStreamDecoder, EventStreamFrame, FrameInvalid

from .cuts import random_cuts, same_however_cut
from .event_frames import event, exception, header, message, text

# The codec's own published example: {"foo": "bar"} without and with a header.
PLAIN = bytes([0, 0, 0, 30, 0, 0, 0, 0, 186, 242, 246, 138]) + b'{"foo": "bar"}' + bytes([174, 114, 88, 228])
WITH_HEADER = (
    bytes([0, 0, 0, 62, 0, 0, 0, 32, 64, 93, 249, 70])
    + b"\x0ccontent-type\x07\x00\x10application/json"
    + b'{"foo": "bar"}'
    + bytes([111, 162, 191, 59])
)
EVERY_TYPE = b"".join(
    header(f"h{kind}", kind, value)
    for kind, value in (
        (0, b""), (1, b""), (2, b"\x01"), (3, b"\x00\x01"), (4, b"\x00" * 4), (5, b"\x00" * 8),
        (6, b"\x00\x02ab"), (8, b"\x00" * 8), (9, b"\x00" * 16),
    )
)  # fmt: skip


def frames(pieces: list[bytes]) -> list[EventStreamFrame]:
    decoder = EventStreamDecoder()
    read = [frame for piece in pieces for frame in decoder.feed(piece)]
    return read + decoder.flush()


def test_the_published_messages_are_read() -> None:
    assert frames([PLAIN, WITH_HEADER]) == [EventStreamFrame(b'{"foo": "bar"}')] * 2
    assert message(b"", b'{"foo": "bar"}') == PLAIN


def test_a_stream_is_the_same_however_it_is_cut() -> None:
    data = event("messageStart", {"role": "assistant"}) + exception("throttlingException", "Grüß Gott") + PLAIN
    read = same_however_cut(data, frames)
    assert [(frame.kind, frame.event) for frame in read] == [
        (b"event", b"messageStart"),
        (b"exception", b"throttlingException"),
        (b"event", None),
    ]


@given(
    random_cuts(st.lists(st.binary(max_size=40), max_size=5).map(lambda all: b"".join(message(b"", p) for p in all)))
)
def test_random_messages_in_random_pieces_come_out(pieces: list[bytes]) -> None:
    assert frames(pieces) == frames([b"".join(pieces)])


def test_headers_of_every_type_are_stepped_over() -> None:
    data = message(EVERY_TYPE + text(":event-type", "x") + EVERY_TYPE, b"p")
    assert frames([data]) == [EventStreamFrame(b"p", b"x")]


def test_an_error_without_a_payload_keeps_its_words() -> None:
    told = text(":message-type", "error") + text(":error-code", "Bad") + text(":error-message", "No.")
    assert frames([message(told, b"")]) == [EventStreamFrame(b"", b"Bad", b"error", b"No.")]


def test_no_bent_byte_goes_unnoticed() -> None:
    for place in range(len(WITH_HEADER)):
        bent = bytearray(WITH_HEADER)
        bent[place] ^= 1
        with pytest.raises(WireError):
            frames([bytes(bent)])


def test_a_message_that_is_too_long_is_refused_by_its_first_bytes() -> None:
    with pytest.raises(FrameTooLong):
        EventStreamDecoder(limit=61).feed(WITH_HEADER[:12])
    assert EventStreamDecoder(limit=62).feed(WITH_HEADER)


@pytest.mark.parametrize(
    "headers",
    [
        b"\x05ab",  # the name goes on
        b"\x01a",  # no type
        b"\x01a\x0a",  # a type that there is not
        b"\x01a\x07\x00",  # half a length
        b"\x01a\x07\x00\x05ab",  # the value goes on
        b"\x01a\x09abc",
    ],
)
def test_a_header_that_can_not_be_read_is_refused(headers: bytes) -> None:
    with pytest.raises(FrameInvalid, match="header"):
        frames([message(headers, b"payload that must not be read as a header")])


def test_lengths_that_contradict_each_other_are_refused() -> None:
    for total, headers in ((15, 0), (16, 1), (0, 0), (300_000, 200_000)):
        data = message(b"", b"")
        prelude = total.to_bytes(4, "big") + headers.to_bytes(4, "big")
        crc = zlib.crc32(prelude).to_bytes(4, "big")
        with pytest.raises(FrameInvalid, match="lengths"):
            EventStreamDecoder().feed(prelude + crc + data[12:])


def test_the_end_in_the_middle_of_a_message_is_told() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(PLAIN[:-1])
    with pytest.raises(FrameInvalid, match="middle"):
        decoder.flush()

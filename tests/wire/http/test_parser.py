"""Answers are read off bytes that are cut anywhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.wire.http.errors import ConnectionCut, HeadTooLarge, ProtocolViolated
from parley.wire.http.parser import ResponseParser
from tests.scripted import answer, chunk, head
from tests.wire.cuts import random_cuts, same_however_cut

Outcome = tuple[int, bytes, bool, bool, bool, str]

CHUNKED = head(chunked=True) + chunk(b"hello ") + b'5;name="v;1"\r\nworld\r\n' + b"0\r\nx-trailer: t\r\n\r\n"


def outcome(pieces: list[bytes], *, bodiless: bool = False, eof: bool = False, limit: int = 4096) -> Outcome:
    parser = ResponseParser(limit)
    message = parser.expect(bodiless=bodiless)
    for piece in pieces:
        if message.error is None:
            parser.feed(piece)
    if eof:
        parser.eof(clean=True)
    error = type(message.error).__name__ if message.error else ""
    return message.status, message.take(), message.complete, message.keep_alive, parser.excess, error


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (answer(b"hello"), (200, b"hello", True, True, False, "")),
        (CHUNKED, (200, b"hello world", True, True, False, "")),
        (answer(b"", 200), (200, b"", True, True, False, "")),
        (head(204), (204, b"", True, True, False, "")),
        (head(304, length=10), (304, b"", True, True, False, "")),
        (answer(b"hi", connection="close"), (200, b"hi", True, False, False, "")),
        (head(100) + head(103, link="</x>") + answer(b"ok", 201), (201, b"ok", True, True, False, "")),
        (answer(b"old").replace(b"1.1", b"1.0"), (200, b"old", True, False, False, "")),
        (answer(b"old", connection="keep-alive").replace(b"1.1", b"1.0"), (200, b"old", True, True, False, "")),
        (b"HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", (200, b"", True, True, False, "")),
        (answer(b"hi", transfer_encoding="chunked"), (0, b"", False, False, False, "ProtocolViolated")),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", (0, b"", False, False, False, "ProtocolViolated")),
        (b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n", (0, b"", False, False, False, "ProtocolViolated")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", (0, b"", False, False, False, "ProtocolViolated")),
        (head(101, upgrade="x"), (0, b"", False, False, False, "ProtocolViolated")),
    ],
)
def test_an_answer_is_the_same_however_it_is_cut(data: bytes, expected: Outcome) -> None:
    assert same_however_cut(data, outcome) == expected


@pytest.mark.parametrize(
    "data", [answer(b"hi") + b"extra", answer(b"hi") + answer(b"more"), head(204) + b"\x00", CHUNKED + b"HTTP/1.1 2"]
)
def test_bytes_after_an_answer_in_one_read_are_noticed(data: bytes) -> None:
    status, _, complete, _, excess, error = outcome([data])
    assert (complete, excess, error) == (True, True, "")
    assert status in (200, 204)


def test_a_head_answer_has_no_body_whatever_its_length_says() -> None:
    data = head(length=1000)
    assert same_however_cut(data, lambda pieces: outcome(pieces, bodiless=True)) == (200, b"", True, True, False, "")
    parser = ResponseParser(4096)
    for bodiless in (True, False, True, False):
        message = parser.expect(bodiless=bodiless)
        parser.feed(data if bodiless else answer(b"hi"))
        assert (message.complete, message.take()) == (True, b"" if bodiless else b"hi")


@pytest.mark.parametrize("data", [answer(b"hello"), CHUNKED])
def test_every_truncation_is_an_error_and_never_a_clean_end(data: bytes) -> None:
    for end in range(len(data)):
        parser = ResponseParser(4096)
        message = parser.expect(bodiless=False)
        if end:
            parser.feed(data[:end])
        parser.eof(clean=True)
        assert isinstance(message.error, ConnectionCut), end
        assert message.error.bytes_seen == (end > 0)
        assert not message.complete


def test_a_body_without_length_ends_with_the_connection_but_not_by_a_reset() -> None:
    data = head(content_type="text/plain") + b"all there is"
    ended = same_however_cut(data, lambda pieces: outcome(pieces, eof=True))
    assert ended == (200, b"all there is", True, False, False, "")
    parser = ResponseParser(4096)
    message = parser.expect(bodiless=False)
    parser.feed(data)
    parser.eof(clean=False)
    assert isinstance(message.error, ConnectionCut)


def test_a_transfer_encoding_other_than_chunked_is_refused() -> None:
    assert outcome([head(transfer_encoding="gzip, chunked")])[-1] == "ProtocolViolated"
    assert outcome([head(transfer_encoding="gzip")])[-1] == "ProtocolViolated"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 10_000,
        b"HTTP/1.1 200 " + b"y" * 10_000,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 2_000,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 2_000 + b"content-length: 0\r\n\r\n",
        head(100) * 500,
        head(chunked=True) + b"0\r\n" + b"x: y\r\n" * 2_000,
        head(chunked=True) + b"5;" + b"x" * 10_000,
    ],
)
@pytest.mark.parametrize("size", [64, 100_000])
def test_an_endless_head_or_trailer_is_refused(data: bytes, size: int) -> None:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert outcome(pieces)[-1] == HeadTooLarge.__name__


def test_the_hint_how_long_a_connection_is_kept_is_read_with_a_second_for_the_way() -> None:
    parser = ResponseParser(4096)
    message = parser.expect(bodiless=False)
    parser.feed(answer(b"", keep_alive="timeout=5, max=100"))
    assert message.rest_seconds == 4.0


@settings(max_examples=150)
@given(random_cuts(st.lists(st.binary(min_size=1, max_size=40), max_size=6).map(lambda parts: wrapped(parts))))
def test_random_cuts_change_nothing(pieces: list[bytes]) -> None:
    assert outcome(pieces) == outcome([b"".join(pieces)])
    assert outcome(pieces)[2] is True


def wrapped(parts: list[bytes]) -> bytes:
    """The parts as chunks of one answer."""
    return head(chunked=True) + b"".join(map(chunk, parts)) + chunk(b"")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_crash(data: bytes) -> None:
    assert outcome([data], eof=True)[-1] in {"ProtocolViolated", "ConnectionCut", "HeadTooLarge", ""}
    assert outcome([b"HTTP/1.1 200 OK\r\n" + data], eof=True)[-1] in {ProtocolViolated.__name__, "ConnectionCut", ""}

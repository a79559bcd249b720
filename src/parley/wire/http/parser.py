"""Reads answers off a connection's bytes, one after the other; does no I/O.

httptools (llhttp) knows the grammar; here stands what it leaves open: when an answer is complete, how long the
connection may be used again, and how large a head may be.
"""

import re
from math import inf
from typing import Final

import httptools

from parley.wire.http.errors import ConnectionCut, HeadTooLarge, HttpError, ProtocolViolated

_KEEP_ALIVE: Final = re.compile(rb"(?:^|[\s,;])timeout=(\d{1,6})").search
_CUT: Final = "The upstream closed the connection before its answer was complete."
_UNANSWERED: Final = "The upstream closed the connection without an answer."


class Message:
    """One answer, as far as it has come.

    `pieces` are the parts of its body that nobody took yet, `size` their sum in bytes; `rest_seconds` is how long the
    upstream says it keeps the connection afterwards (a second is left for the way).
    """

    __slots__ = (
        "begun",
        "complete",
        "error",
        "headers",
        "interim",
        "keep_alive",
        "length",
        "pieces",
        "rest_seconds",
        "size",
        "status",
        "taken",
        "until_close",
    )

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.begun = False
        self.complete = False
        self.interim = False
        self.keep_alive = False
        self.until_close = False
        self.length = 0
        self.pieces: list[bytes] = []
        self.size = 0
        self.taken = False
        self.rest_seconds = inf
        self.error: HttpError | None = None

    def take(self) -> bytes:
        """What came since the last time, as one piece."""
        pieces = self.pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.pieces = []
        self.size = 0
        self.taken = True
        return data


class ResponseParser:
    """Fills the message that `expect` gave with what is fed."""

    __slots__ = ("_bodiless", "_head_bytes", "_llhttp", "_message", "_unfruitful", "excess", "seen")

    def __init__(self, head_bytes: int) -> None:
        """`head_bytes`: the largest head, and the longest stretch without any byte of a body."""
        self._head_bytes = head_bytes
        self._llhttp = httptools.HttpResponseParser(self)
        self._message = Message()
        self._bodiless = False
        self._unfruitful = 0
        self.seen = False
        self.excess = False

    def expect(self, *, bodiless: bool) -> Message:
        """The message that the next bytes belong to; `bodiless` if HEAD or CONNECT is asked."""
        if self._bodiless:
            self._llhttp = httptools.HttpResponseParser(self)
        self._bodiless = bodiless
        self._unfruitful = 0
        self.seen = False
        self._message = message = Message()
        return message

    def feed(self, data: bytes) -> None:
        """Takes bytes in. What is wrong with them stands in the message's `error` afterwards."""
        message = self._message
        self.seen = True
        size = message.size
        self._unfruitful += len(data)
        try:
            self._llhttp.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(message, "The upstream changed the protocol, which nobody asked for.")
        except httptools.HttpParserError as error:
            self._fail(message, f"The upstream's answer is not valid HTTP/1: {error}.")
        if message.size != size or message.complete:
            self._unfruitful = 0
        elif self._unfruitful > self._head_bytes and message.error is None:
            message.error = self._too_large()

    def eof(self, *, clean: bool) -> None:
        """The connection ended; `clean` if the other side said so rather than the network."""
        message = self._message
        if message.complete or message.error is not None:
            return
        if message.begun and message.until_close and clean:
            message.complete = True
            return
        message.error = ConnectionCut(_CUT if self.seen else _UNANSWERED, bytes_seen=self.seen)

    def _fail(self, message: Message, sentence: str) -> None:
        if message.complete:
            self.excess = True
        elif message.error is None:
            message.error = ProtocolViolated(sentence)

    def on_message_begin(self) -> None:
        """Called by httptools at the start of each answer, interim ones included."""
        if self._message.complete:
            self.excess = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called for each field of a head or a trailer; a trailer is passed over."""
        message = self._message
        if not message.begun:
            message.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Called at the end of each head."""
        message = self._message
        if message.complete:
            return
        llhttp = self._llhttp
        status = llhttp.get_status_code()
        if status < 200:
            message.headers.clear()
            message.interim = True
            if status < 100 or status == 101:
                self._fail(message, f"The upstream answered with status {status}, which nobody asked for.")
            return
        message.status = status
        message.begun = True
        self._frame(message)
        message.keep_alive = llhttp.should_keep_alive()
        if self._bodiless:
            message.complete = True

    def _frame(self, message: Message) -> None:
        fields = dict(message.headers)
        coding = fields.get(b"transfer-encoding")
        if coding is not None and coding.strip().lower() != b"chunked":
            self._fail(message, "The upstream's transfer-encoding is not plain 'chunked'.")
        length = fields.get(b"content-length")
        if length is not None:
            message.length = int(length)
        elif coding is None:
            message.until_close = True
        hint = fields.get(b"keep-alive")
        if hint is not None and (match := _KEEP_ALIVE(hint)) is not None:
            message.rest_seconds = int(match[1]) - 1.0
        limit = self._head_bytes
        if self._unfruitful > limit and sum(len(name) + len(value) + 4 for name, value in message.headers) > limit:
            message.error = self._too_large()

    def _too_large(self) -> HeadTooLarge:
        return HeadTooLarge(f"The head or trailer of the upstream's answer is larger than {self._head_bytes} bytes.")

    def on_body(self, data: bytes) -> None:
        """Called for each piece of a body."""
        message = self._message
        if message.complete:
            self.excess = True
            return
        message.pieces.append(data)
        message.size += len(data)

    def on_message_complete(self) -> None:
        """Called at the end of each answer, interim ones included."""
        message = self._message
        if message.interim:
            message.interim = False
        else:
            message.complete = True

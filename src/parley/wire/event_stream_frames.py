"""Frames AWS's binary event streams (`application/vnd.amazon.eventstream`), both checksums verified; does no I/O.

A message is: its length and its headers' length (4 bytes each, big-endian), the CRC-32 of these 8, headers, payload,
the CRC-32 of all before it. A header is a name of at most 255 bytes, a type and a value
(smithy.io/2.0/aws/amazon-eventstream.html, read 2026-11; botocore 1.44.5 decodes the same).
"""

import zlib
from struct import Struct as Layout
from typing import Final

from msgspec import Struct

from parley.wire.errors import FrameTooLong, WireError

_PRELUDE: Final = Layout(">III")
_CRC: Final = Layout(">I")
_OVERHEAD: Final = _PRELUDE.size + _CRC.size
_FIXED: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by type: true, false, byte, short, int, long, timestamp, UUID."""
_SIZED: Final = frozenset({6, 7})
"""Bytes and strings, which say their length in two bytes."""
_STRING: Final = 7

MOST_HEADER_BYTES: Final = 128 << 10
"""AWS's bound on the headers of one message."""


class FrameInvalid(WireError):
    """The bytes are no message: a length that can not be, a checksum that does not fit, a header without an end."""


class EventStreamFrame(Struct, frozen=True, gc=False):
    """One message. `kind` is `event`, `exception` or `error`; `event` names what happened."""

    data: bytes
    event: bytes | None = None
    kind: bytes = b"event"
    message: bytes | None = None  # the words of an `error`, which has no payload


class EventStreamDecoder:
    """Turns bytes into messages, whatever pieces they arrive in."""

    __slots__ = ("_buffer", "_checked", "_limit")

    def __init__(self, limit: int = 16 << 20) -> None:
        """`limit`: the longest message, in bytes; AWS allows payloads of 16 MB and Bedrock's are far smaller."""
        self._buffer = bytearray()
        self._limit = limit
        self._checked = False  # whether the prelude at the front was verified

    def feed(self, data: bytes) -> list[EventStreamFrame]:
        """The messages that are whole now. Raises FrameInvalid or FrameTooLong; nothing can be read after that."""
        buffer = self._buffer
        buffer += data
        frames: list[EventStreamFrame] = []
        start = 0
        while len(buffer) - start >= _PRELUDE.size:
            total, headers, crc = _PRELUDE.unpack_from(buffer, start)
            if not self._checked:
                self._check_prelude(bytes(buffer[start : start + 8]), total, headers, crc)
                self._checked = True
            if len(buffer) - start < total:
                break
            frames.append(_frame(bytes(buffer[start : start + total]), headers))
            self._checked = False
            start += total
        del buffer[:start]
        return frames

    def flush(self) -> list[EventStreamFrame]:
        """Nothing: a message that is not whole is none. Raises FrameInvalid if there is the beginning of one."""
        if self._buffer:
            self._buffer.clear()
            raise FrameInvalid("The stream ends in the middle of a message.")
        return []

    def _check_prelude(self, prelude: bytes, total: int, headers: int, crc: int) -> None:
        if zlib.crc32(prelude) != crc:
            raise FrameInvalid("The stream holds a message whose prelude does not fit its checksum.")
        if total > self._limit:
            raise FrameTooLong("a message", self._limit)
        if headers > MOST_HEADER_BYTES or total < headers + _OVERHEAD:
            raise FrameInvalid("The stream holds a message whose lengths contradict each other.")


def _frame(message: bytes, headers: int) -> EventStreamFrame:
    (crc,) = _CRC.unpack_from(message, len(message) - _CRC.size)
    if zlib.crc32(message[: -_CRC.size]) != crc:
        raise FrameInvalid("The stream holds a message that does not fit its checksum.")
    end = _PRELUDE.size + headers
    told = _headers(message[_PRELUDE.size : end])
    kind = told.get(b":message-type", b"event")
    name = told.get(b":exception-type") or told.get(b":error-code") or told.get(b":event-type")
    return EventStreamFrame(message[end : -_CRC.size], name, kind, told.get(b":error-message"))


def _headers(data: bytes) -> dict[bytes, bytes]:
    """The headers that are strings; those of other types are stepped over."""
    told: dict[bytes, bytes] = {}
    at = 0
    try:
        while at < len(data):
            name_end = at + 1 + data[at]
            name, kind = data[at + 1 : name_end], data[name_end]
            at = name_end + 1
            if kind in _SIZED:
                size = int.from_bytes(data[at : at + 2], "big")
                at += 2
            else:
                size = _FIXED[kind]
            if at + size > len(data):
                raise IndexError
            if kind == _STRING:
                told[name] = data[at : at + size]
            at += size
    except (IndexError, KeyError):
        raise FrameInvalid("The stream holds a message with a header that can not be read.") from None
    return told

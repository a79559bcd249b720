"""Frames Server-Sent Events, both ways; does no I/O.

The rules are the WHATWG's (html.spec.whatwg.org, section 9.2.6, read 2026-11): lines end in CR, LF or CRLF, a blank
line ends an event, several `data` lines are joined by LF, an event without `data` is none. One leading BOM is dropped.
"""

from msgspec import Struct

from parley.wire.errors import FrameTooLong

_BOM = b"\xef\xbb\xbf"


class SseEvent(Struct, frozen=True, gc=False):
    """One event; `event` is its name where it has one, `id` the last id that the stream gave."""

    data: bytes
    event: bytes | None = None
    id: bytes | None = None


class SseDecoder:
    """Turns bytes into events, whatever pieces they arrive in."""

    __slots__ = ("_after_cr", "_at_start", "_limit", "_pending", "_size", "last_id", "retry_ms")

    def __init__(self, limit: int = 16 << 20) -> None:
        """`limit`: the longest event, in bytes, its field names included."""
        self._limit = limit
        self._pending: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._at_start = True
        self.last_id: bytes | None = None
        self.retry_ms: int | None = None

    def feed(self, data: bytes) -> list[SseEvent]:
        """The events that are whole now. Raises FrameTooLong."""
        if self._at_start or self._after_cr or b"\r" in data:
            data = self._plain(data)
        pending = self._pending
        if b"\n\n" not in data and not (data[:1] == b"\n" and pending and pending[-1][-1:] == b"\n"):
            self._keep(data)
            return []
        if pending:
            pending.append(data)
            data = b"".join(pending)
            pending.clear()
            self._size = 0
        blocks = data.split(b"\n\n")
        if rest := blocks.pop():
            self._keep(rest)
        return self._events(blocks)

    def flush(self) -> list[SseEvent]:
        """The event that the end of the stream left without its blank line.

        The WHATWG drops it; some upstreams forget the last blank line, so it is given. Call this only where the body is
        known to be complete.
        """
        last = b"".join(self._pending)
        self._pending.clear()
        self._size = 0
        return self._events([last])

    def _plain(self, data: bytes) -> bytes:
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if self._at_start and data:
            data = b"".join((*self._pending, data))
            self._pending.clear()
            self._size = 0
            self._at_start = len(data) < len(_BOM) and _BOM.startswith(data)
            if not self._at_start:
                data = data.removeprefix(_BOM)
        if b"\r" in data:
            self._after_cr = data[-1:] == b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise FrameTooLong("an event", self._limit)
        if data:
            self._pending.append(data)

    def _events(self, blocks: list[bytes]) -> list[SseEvent]:
        events: list[SseEvent] = []
        limit = self._limit
        last_id = self.last_id
        for block in blocks:
            if len(block) > limit:
                raise FrameTooLong("an event", limit)
            if block[:6] == b"data: " and b"\n" not in block:
                events.append(SseEvent(block[6:], None, last_id))
            elif (event := self._read(block)) is not None:
                events.append(event)
                last_id = self.last_id
            else:
                last_id = self.last_id
        return events

    def _read(self, block: bytes) -> SseEvent | None:
        data: list[bytes] = []
        name: bytes | None = None
        for line in block.split(b"\n"):
            field, _, value = line.partition(b":")
            if value[:1] == b" ":
                value = value[1:]
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value or None
            elif field == b"id" and b"\0" not in value:
                self.last_id = value or None
            elif field == b"retry" and value.isdigit() and len(value) < 10:
                self.retry_ms = int(value)
        return SseEvent(b"\n".join(data), name, self.last_id) if data else None


def data_frame(payload: bytes) -> bytes:
    """An event without a name. Every line of `payload` gets its own `data` field."""
    if b"\n" in payload or b"\r" in payload:
        return _data_lines(payload) + b"\n"
    return b"data: %b\n\n" % payload


def named_frame(event: bytes, payload: bytes) -> bytes:
    """An event with a name. Raises ValueError if the name holds a line end."""
    if b"\n" in event or b"\r" in event:
        raise ValueError("The name of an event can not hold a line end.")
    return b"event: %b\n%b" % (event, data_frame(payload))


def comment_frame(text: bytes = b"") -> bytes:
    """A comment, which a reader passes over: keeps a silent stream alive. Raises ValueError if it holds a line end."""
    if b"\n" in text or b"\r" in text:
        raise ValueError("A comment can not hold a line end.")
    return b": %b\n\n" % text


def _data_lines(payload: bytes) -> bytes:
    lines = payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"".join(b"data: %b\n" % line for line in lines)

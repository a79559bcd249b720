"""Frames lines of JSON, one value a line, both ways; does no I/O."""

from parley.wire.errors import FrameTooLong


def line_frame(payload: bytes) -> bytes:
    """One line. Raises ValueError if `payload` holds a line end (compact JSON never does)."""
    if b"\n" in payload or b"\r" in payload:
        raise ValueError("A line of JSON can not hold a line end.")
    return payload + b"\n"


class LineDecoder:
    """Cuts bytes into lines, whatever pieces they arrive in; empty lines are passed over."""

    __slots__ = ("_limit", "_pending", "_size")

    def __init__(self, limit: int = 16 << 20) -> None:
        """`limit`: the longest line, in bytes."""
        self._limit = limit
        self._pending: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are whole now, without their ends. Raises FrameTooLong."""
        if b"\n" not in data:
            self._keep(data)
            return []
        lines = b"".join((*self._pending, data)).split(b"\n")
        self._pending.clear()
        self._size = 0
        self._keep(lines.pop())
        return self._checked(lines)

    def flush(self) -> list[bytes]:
        """The last line, if it had no end; call it only where the stream is known to be complete."""
        last = b"".join(self._pending)
        self._pending.clear()
        self._size = 0
        return self._checked([last])

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise FrameTooLong("a line", self._limit)
        if data:
            self._pending.append(data)

    def _checked(self, lines: list[bytes]) -> list[bytes]:
        whole = [line for raw in lines if (line := raw.rstrip(b"\r"))]
        if whole and max(map(len, whole)) > self._limit:
            raise FrameTooLong("a line", self._limit)
        return whole

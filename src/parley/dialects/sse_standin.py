"""Stands in for `parley.wire.sse` until that is there."""

from msgspec import Struct


class Frame(Struct):
    """One server-sent event."""

    event: str | None
    data: bytes


class SseDecoder:
    """Frames out of bytes."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._event: str | None = None
        self._cr = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes."""
        if self._cr and data[:1] == b"\n":
            data = data[1:]
        if data:
            self._cr = data.endswith(b"\r")
        text = (self._rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._rest = text.split(b"\n")
        frames = []
        for line in lines:
            if not line:
                if self._data:
                    frames.append(Frame(self._event, b"\n".join(self._data)))
                self._data, self._event = [], None
                continue
            name, _, value = line.partition(b":")
            value = value[1:] if value[:1] == b" " else value
            if name == b"data":
                self._data.append(value)
            elif name == b"event":
                self._event = value.decode()
        return frames

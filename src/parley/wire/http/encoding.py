"""Undoes gzip and deflate, which some upstreams send unasked; a piece at a time, so that no bomb goes off."""

import zlib
from typing import Final

from parley.wire.http.errors import ProtocolViolated

_PIECE: Final = 256 << 10
_GZIP: Final = 16 + zlib.MAX_WBITS
_CODINGS: Final = {b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": zlib.MAX_WBITS}


class Inflater:
    """Takes compressed bytes and gives plain ones, at most 256 KB at once."""

    __slots__ = ("_fresh", "_inflate", "_pending")

    def __init__(self, window: int) -> None:
        """`window` as zlib.decompressobj wants it."""
        self._inflate = zlib.decompressobj(window)
        self._fresh = window == zlib.MAX_WBITS
        self._pending = b""

    def put(self, data: bytes) -> None:
        """Compressed bytes; call it when `more` has nothing more."""
        if self._fresh and data:
            self._fresh = False
            # RFC 9110, section 8.4.1.2: "deflate" is the zlib format, but some send it bare. 8 is zlib's method.
            if data[0] & 0x0F != 8:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._pending = data

    def more(self) -> bytes:
        """Plain bytes, or none. Raises ProtocolViolated."""
        if not self._pending:
            return b""
        try:
            piece = self._inflate.decompress(self._pending, _PIECE)
        except zlib.error as error:
            raise ProtocolViolated(f"The compressed body of the upstream's answer is damaged: {error}.") from error
        self._pending = self._inflate.unconsumed_tail
        return piece

    def end(self) -> None:
        """The compressed bytes are over. Raises ProtocolViolated if they stop in the middle."""
        if not self._inflate.eof:
            raise ProtocolViolated("The compressed body of the upstream's answer stops in its middle.")


def inflater_for(headers: list[tuple[bytes, bytes]]) -> Inflater | None:
    """What undoes the answer's content-encoding; None if it has none. Raises ProtocolViolated for an unknown one."""
    for name, value in headers:
        if name == b"content-encoding":
            coding = value.strip().lower()
            if coding in _CODINGS:
                return Inflater(_CODINGS[coding])
            if coding not in (b"", b"identity"):
                raise ProtocolViolated(
                    f"The upstream's answer is encoded as {coding.decode('latin-1')!r}, which nobody asked for."
                )
    return None

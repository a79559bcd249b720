"""What is asked, and how long and how much it may take: plain values."""

import re
from collections.abc import Sequence
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from parley.wire.http.errors import RequestInvalid
from parley.wire.http.headers import HeaderBlock, render_headers
from parley.wire.http.url import Url

_METHOD: Final = re.compile(r"[A-Z]{1,20}").fullmatch
_TARGET: Final = re.compile(r"/[!-~]*").fullmatch
_NO_BODY: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"))


class HttpRequest(Struct, frozen=True):
    """One request. `target` is the path and query below the prefix of `url`, as in `/chat/completions`."""

    method: str
    url: Url
    target: str
    headers: HeaderBlock | Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""

    def head(self, absolute: bytes = b"", extra: bytes = b"") -> bytes:
        """The head as bytes. `absolute` is put before the path and `extra` behind the fields, as some proxies want.

        Raises RequestInvalid if a part of it could end the line it stands in.
        """
        path = self.url.prefix + self.target
        if not _TARGET(path) or "#" in path:
            raise RequestInvalid(f"The path {path!r} can not be sent: it must start with '/' and be printable ASCII.")
        if not _METHOD(self.method):
            raise RequestInvalid(f"The method {self.method!r} can not be sent: it must be capital letters.")
        headers = self.headers
        fields = headers.rendered if isinstance(headers, HeaderBlock) else render_headers(headers)
        if self.body or self.method not in _NO_BODY:
            fields = b"%b%bcontent-length: %d\r\n" % (fields, extra, len(self.body))
        elif extra:
            fields += extra
        line = f"{self.method} {path}".encode()
        if absolute:
            line = line.replace(b" ", b" " + absolute, 1)
        return b"%b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (line, self.url.authority, fields)


class Timeouts(Struct, frozen=True, kw_only=True):
    """How long an exchange may take, in seconds; None: as long as the rest allows.

    `first_byte` runs from the request's leaving to the first byte of the answer's body, `idle` between two reads after
    that. `total` runs from the call of `send`. `deadline` is a time of the loop's clock; it bounds all the others.
    """

    connect: float | None = 5.0
    first_byte: float | None = 120.0
    idle: float | None = 120.0
    total: float | None = 600.0
    deadline: float | None = None

    def until(self, deadline: float) -> "Timeouts":
        """The same, ending at `deadline` (loop time) at the latest."""
        return replace(self, deadline=deadline if self.deadline is None else min(deadline, self.deadline))

    def end(self, now: float) -> float:
        """When an exchange that starts `now` must be over; infinity: never."""
        end = inf if self.total is None else now + self.total
        return end if self.deadline is None or self.deadline > end else self.deadline


class Limits(Struct, frozen=True, kw_only=True):
    """How much a client may hold at once, for each origin where not said otherwise."""

    connections: int = 512
    idle_connections: int = 64
    idle_seconds: float = 30.0
    waiters: int = 4096
    wait_seconds: float = 10.0
    head_bytes: int = 64 << 10
    buffered_bytes: int = 256 << 10

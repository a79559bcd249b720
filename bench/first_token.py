"""The time until a stream's first token, seen by an ordinary client on one kept-alive connection.

The socket is left as the system makes it: no TCP_QUICKACK, so that a gateway which holds small frames back shows it.
"""

import re
import socket
import time
from typing import TypedDict

from bench.figures import percentile
from bench.target import Target

TOKEN = re.compile(rb"<(\d+)>|\\u003c(\d+)\\u003e")
END = b"0\r\n\r\n"
AT_ONCE, CHUNKS, GAP_US = 0, 3, 20_000


class FirstToken(TypedDict):
    """Milliseconds from the request's last byte to the first token, which the upstream writes at once."""

    streams: int
    p50_ms: float
    p99_ms: float


def first_token(target: Target, *, streams: int) -> FirstToken:
    """Asks for `streams` streams in a row, after ten that do not count. Raises OSError if one is refused or cut."""
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", target.port), 20) as connection:
        for number in range(streams + 10):
            taken = _one(connection, target)
            if number >= 10:
                times.append(taken * 1000)
    return FirstToken(streams=streams, p50_ms=percentile(times, 50), p99_ms=percentile(times, 99))


def _one(connection: socket.socket, target: Target) -> float:
    connection.sendall(target.request(target.body(stream=True, question=f"paced {AT_ONCE} {CHUNKS} {GAP_US}")))
    sent = time.monotonic()
    received, taken = b"", None
    while not received.endswith(END):
        piece = connection.recv(65_536)
        if not piece:
            raise OSError(f"{target.name} closed a stream early: {received[-200:]!r}")
        received += piece
        if taken is None and TOKEN.search(received):
            taken = time.monotonic() - sent
        if not received.startswith(b"HTTP/1.1 200"):
            raise OSError(f"{target.name} refused a stream: {received[:400]!r}")
    if taken is None:
        raise OSError(f"{target.name} sent a stream without tokens: {received[-200:]!r}")
    return taken

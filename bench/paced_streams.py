"""Many paced streams at once: how late each frame arrives, which of them stalled, and what a chunk costs."""

import asyncio
import time
from typing import TypedDict, cast

from bench.figures import percentile
from bench.first_token import END, TOKEN
from bench.processes import cpu_seconds
from bench.target import Target

CHUNKS, GAP_US = 25, 20_000
STALLED_MS = 40
LEAD_S = 1.0  # the streams are asked for over this second, and their frames begin after it


class Paced(TypedDict):
    """One round. A frame is late by the time from its writing upstream to its arrival; over 40 ms it stalled."""

    streams: int
    complete: int
    frames: int
    stalled: int
    late_p50_ms: float
    late_p99_ms: float
    late_max_ms: float
    cpu_us_per_chunk: float | None


class Listener(asyncio.Protocol):
    """One stream's client."""

    def __init__(self) -> None:
        self.late_us: list[int] = []
        self.rest = b""
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way to ask."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Notes how late each token is; a token cut by the network waits for its rest."""
        now = time.monotonic_ns() // 1000
        self.rest += data
        read = 0
        for token in TOKEN.finditer(self.rest):
            self.late_us.append(now - int(token[1] or token[2]))
            read = token.end()
        ended = self.rest.endswith(END)
        self.rest = self.rest[read:][-64:]
        if ended and not self.ended.done():
            self.ended.set_result(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """A stream whose end did not come is not complete."""
        if not self.ended.done():
            self.ended.set_result(False)


async def paced_streams(target: Target, *, streams: int, seconds: float = 30) -> Paced:
    """Opens `streams` connections, asks one stream of 25 chunks on each, and waits for all, at most `seconds`."""
    loop = asyncio.get_running_loop()
    listeners = [(await loop.create_connection(Listener, "127.0.0.1", target.port))[1] for _ in range(streams)]
    began = time.monotonic()
    before = 0.0
    for number, listener in enumerate(listeners):
        due = int((began + LEAD_S + number % 20 / 1000) * 1e6)  # spread over one gap, as real streams are
        await asyncio.sleep(began + number * LEAD_S * 0.8 / streams - time.monotonic())
        body = target.body(stream=True, question=f"paced {due} {CHUNKS} {GAP_US}")
        listener.transport.write(target.request(body))
    await asyncio.sleep(began + LEAD_S - 0.02 - time.monotonic())
    if target.pid:
        before = cpu_seconds(target.pid)
    await asyncio.wait([listener.ended for listener in listeners], timeout=seconds)
    spent = cpu_seconds(target.pid) - before if target.pid else None
    for listener in listeners:
        listener.transport.abort()
    return _count(listeners, spent)


def _count(listeners: list[Listener], spent: float | None) -> Paced:
    late = [us / 1000 for listener in listeners for us in listener.late_us] or [float("inf")]
    complete = [one for one in listeners if one.ended.done() and one.ended.result() and len(one.late_us) == CHUNKS]
    return Paced(
        streams=len(listeners),
        complete=len(complete),
        frames=sum(len(listener.late_us) for listener in listeners),
        stalled=sum(ms > STALLED_MS for ms in late),
        late_p50_ms=percentile(late, 50),
        late_p99_ms=percentile(late, 99),
        late_max_ms=max(late),
        cpu_us_per_chunk=None if spent is None else spent * 1e6 / len(late),
    )

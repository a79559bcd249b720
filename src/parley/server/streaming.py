"""Sends a streamed answer: the head with the first event, a comment ping in long silences, an honest end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from msgspec import Struct

from parley.core.errors import CLIENT_LEFT, DEADLINE_PASSED, GatewayError, own_fault
from parley.core.reply import Reply
from parley.pipeline.house import Events
from parley.server.asgi import CUT, Header, Send
from parley.server.passage import Hashed, Unhashed
from parley.server.surface import StreamWriter

STREAM_HEADERS: list[Header] = [
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


NOTHING = Reply(id="", model="", created=0)
"""Of a stream everything but its end was sent."""


class StreamShape(Struct, frozen=True):
    """A stream's content type, and what it says (empty: nothing) after how many seconds of silence."""

    content_type: bytes
    ping: bytes
    every: float


End = Callable[[], Awaitable[None]]
"""Sends the end of a stream."""


class StreamOut:
    """The outgoing half of one stream. One timer serves the pings and the deadline.

    After `ping` seconds of silence the head goes out even before the first event, so that proxies and clients do not
    give up; an error after that is an error event instead of a status. `headers` may be set until the head is sent.
    """

    def __init__(
        self, send: Send, headers: list[Header], shape: StreamShape, deadline: float, passage: Hashed | Unhashed
    ) -> None:
        """`deadline` in event-loop time; `passage` sees every byte of the body."""
        self._passage = passage
        self.headers = headers
        self.started = False
        self._send = send
        self._shape = shape
        self._ping = shape.every
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._last = self._loop.time()
        self._sending = False
        self._pinging: asyncio.Task[None] | None = None
        self._timer = self._loop.call_at(min(self._last + shape.every, deadline), self._tick)

    async def write(self, data: bytes, *, last: bool = False) -> None:
        """Sends `data`, with the head before it if it has not gone yet."""
        if self._pinging is not None:
            await self._pinging
        await self._transmit(data, last)

    async def end(self) -> None:
        """Sends what ends a complete stream."""
        await self.write(self._passage.rest(NOTHING), last=True)

    async def fail(self, words: bytes | None) -> None:
        """Ends a stream that was cut: with these words, or by breaking the connection off."""
        if words is not None:
            await self.write(words, last=True)
        else:
            await self.write(b"")
            await self._send({"type": CUT})

    def close(self) -> None:
        """Stops the timer."""
        self._timer.cancel()

    async def _transmit(self, data: bytes, last: bool) -> None:
        self._sending = True
        if not last:
            self._passage.sent(data)
        if not self.started:
            self.started = True
            headers = [(b"content-type", self._shape.content_type), *STREAM_HEADERS, *self.headers]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": data, "more_body": not last})
        self._last = self._loop.time()
        self._sending = False

    def _tick(self) -> None:
        now = self._loop.time()
        if now >= self._deadline:
            if self._task is not None:
                self._task.cancel(DEADLINE_PASSED)
            return
        due = now if self._sending else self._last
        if now - due >= self._ping:
            due = now
            self._pinging = self._loop.create_task(self._ping_once())
        self._timer = self._loop.call_at(min(due + self._ping, self._deadline), self._tick)

    async def _ping_once(self) -> None:
        if self._shape.ping and not self._passage.closed:
            await self._transmit(self._shape.ping, False)
        self._pinging = None


async def send_stream(out: StreamOut, events: Events, writer: StreamWriter, end: End | None = None) -> None:
    """Sends every event as it comes, then the end; an error inside the stream becomes an error event and no end.

    `end` sends the end where a surface has more to say there than its writer.
    """
    try:
        async with aclosing(events):
            async for batch in events:
                if data := writer.write(batch):
                    await out.write(data)
        await (out.end() if end is None else end())
    except GatewayError as error:
        await out.fail(writer.error(error))
    except asyncio.CancelledError as error:
        if error.args[:1] == (CLIENT_LEFT,):
            raise
        await out.fail(writer.error(own_fault(error)))

"""One connection to an upstream, which carries one exchange at a time: bytes in and out, its timer, its end.

A connection has one timer for everything that can take too long. It is not moved when bytes arrive: when it fires it
looks at what is due now and sleeps on, so that a piece of a stream costs no timer.
"""

import asyncio
from collections.abc import Callable
from math import inf
from typing import cast

from parley.wire.http.errors import ConnectionCut, DeadlineExceeded, FirstByteTimedOut, HttpError, IdleTimedOut
from parley.wire.http.messages import Limits, Timeouts
from parley.wire.http.parser import Message, ResponseParser

_SMALL = 64 << 10


class Connection(asyncio.Protocol):
    """Made by the connector, kept by the pool, used by one response."""

    __slots__ = (
        "_buffered",
        "_end",
        "_first_byte_end",
        "_idle",
        "_idle_seconds",
        "_loop",
        "_message",
        "_on_free",
        "_on_lost",
        "_parser",
        "_paused",
        "_stamp",
        "_timer",
        "_timer_at",
        "_transport",
        "_waiter",
        "_wake_size",
        "closed",
        "lost",
        "used",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        self._loop = loop
        self._parser = ResponseParser(limits.head_bytes)
        self._buffered = limits.buffered_bytes
        self._idle_seconds = limits.idle_seconds
        self._transport: asyncio.Transport | None = None
        self._message: Message | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._wake_size = 0
        self._paused = False
        self._stamp = 0.0
        self._end = self._first_byte_end = inf
        self._idle: float = inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._on_free: Callable[[Connection], None] | None = None
        self._on_lost: Callable[[Connection], None] | None = None
        self.closed = False
        self.used = False
        self.lost = loop.create_future()

    def owned_by(self, on_free: Callable[["Connection"], None], on_lost: Callable[["Connection"], None]) -> None:
        """Who is told, once each time, that an exchange left the connection usable, and, once, that it is over."""
        self._on_free, self._on_lost = on_free, on_lost

    @property
    def transport(self) -> asyncio.Transport:
        """The transport; there is one from `connection_made` on."""
        assert self._transport is not None
        return self._transport

    # ---- one exchange

    def start(self, head: bytes, body: bytes, timeouts: Timeouts, end: float, *, bodiless: bool) -> Message:
        """Sends a request. The answer's bytes go into the message, which `wait` waits for. `end`: loop time."""
        transport = self.transport
        if len(body) <= _SMALL:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)
        now = self._stamp = self._loop.time()
        self._end = end
        self._idle = inf if timeouts.idle is None else timeouts.idle
        self._first_byte_end = inf if timeouts.first_byte is None else now + timeouts.first_byte
        self._wake_size = 0
        self._message = message = self._parser.expect(bodiless=bodiless)
        due = end if end < self._first_byte_end else self._first_byte_end
        if due < self._timer_at:
            self._arm(due)
        return message

    async def wait(self, message: Message, size: int) -> None:
        """Until the head has come and `size` bytes of body wait to be taken, or the message is complete or wrong.

        When the waiting task is cancelled the connection is closed at once.
        """
        self._wake_size = size
        if self._paused:
            self._resume()
        waiter = self._waiter = self._loop.create_future()
        try:
            await waiter
        except asyncio.CancelledError:
            self.give_up(message)
            raise

    def give_up(self, message: Message) -> None:
        """Closes at once if `message` is what is under way; a connection that went on to another exchange stays."""
        if self._message is message:
            self.abort()

    def let_end(self, message: Message, seconds: float) -> None:
        """Nobody reads the rest: an answer that ends by itself within `seconds` leaves the connection usable."""
        if self._message is message:
            self._end = min(self._end, self._loop.time() + seconds)
            self._arm(self._end)

    def abort(self) -> None:
        """Closes at once, whatever is under way. Idempotent."""
        message = self._message
        if message is not None and not message.complete and message.error is None:
            message.error = ConnectionCut("The exchange was given up.", bytes_seen=self._parser.seen)
        self._close()

    # ---- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop. asyncio and uvloop set TCP_NODELAY themselves."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop for each read."""
        message = self._message
        if message is None:
            self._close()
            return
        self._parser.feed(data)
        if message.complete or message.error is not None:
            self._finish(message)
            return
        size = message.size
        now = self._stamp = self._loop.time()
        if now + self._idle < self._timer_at and size:
            self._arm(now + self._idle)
        if self._waiter is not None and message.begun and size >= self._wake_size:
            self._wake()
        elif size > self._buffered and size > self._wake_size and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def eof_received(self) -> None:
        """Called by the loop when the other side will send no more."""
        self._ended(clean=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop once, at the end."""
        self._ended(clean=exc is None)
        if not self.lost.done():
            self.lost.set_result(None)

    # ---- ends

    def _ended(self, *, clean: bool) -> None:
        message = self._message
        if message is not None:
            self._parser.eof(clean=clean)
            message.keep_alive = False
            self._finish(message)
        self._close()

    def _finish(self, message: Message) -> None:
        """The message is complete or wrong: whoever waits is woken, the connection is free or closed."""
        self._message = None
        self._wake()
        if (
            message.keep_alive
            and message.error is None
            and message.rest_seconds > 0
            and not self._parser.excess
            and not self.transport.get_write_buffer_size()
        ):
            self._rest(message.rest_seconds)
        else:
            self._close()

    def _rest(self, seconds: float) -> None:
        """Waits for the next exchange, for `seconds` at most."""
        if self._paused:
            self._resume()
        self.used = True
        if seconds > self._idle_seconds:
            seconds = self._idle_seconds
        self._end = end = self._loop.time() + seconds
        if end < self._timer_at:
            self._arm(end)
        if self._on_free is not None:
            self._on_free(self)

    def _close(self) -> None:
        if self.closed:
            return
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
        self._message = None
        self._wake()
        if self._on_lost is not None:
            self._on_lost(self)

    def _wake(self) -> None:
        """Forgets the waiter in the same step: the next exchange may set its own before the woken task runs."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _resume(self) -> None:
        """Reads on. The upstream's silence is counted from here: while nothing was read it was not to blame."""
        self._paused = False
        now = self._stamp = self._loop.time()
        if self._message is not None and now + self._idle < self._timer_at:
            self._arm(now + self._idle)
        self.transport.resume_reading()

    # ---- time

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_at(at, self._look)

    def _look(self) -> None:
        """The timer fired: what is due ends the exchange, or the connection if it rests; else sleep until it is."""
        self._timer, self._timer_at = None, inf
        now = self._loop.time()
        message = self._message
        if message is None:
            due, error = self._end, None
        else:
            due, error = self._due(message)
        if due > now + 0.0005:
            if due < inf:
                self._arm(due)
            return
        if message is not None:
            message.error = error
            self._finish(message)
        else:
            self._close()

    def _due(self, message: Message) -> tuple[float, HttpError | None]:
        """The nearest end of the running exchange, and what it means."""
        due: float
        error: HttpError | None
        if not message.taken and not message.size:
            due, error = self._first_byte_end, FirstByteTimedOut("The upstream did not begin its answer in time.")
        elif self._paused:
            due, error = inf, None
        else:
            due, error = self._stamp + self._idle, IdleTimedOut("The upstream stopped in the middle of its answer.")
        if self._end <= due:
            return self._end, DeadlineExceeded("The upstream's answer was not complete before the deadline.")
        return due, error

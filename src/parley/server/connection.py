"""uvicorn's HTTP connection, and what a gateway needs beside it.

Three differences: a request whose client leaves is cancelled at once (uvicorn only sets a flag, which nobody sees
who waits for an upstream); a request's arrival has a size and a deadline; what is not HTTP gets our error body.
"""

import asyncio
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from parley.core.error_shape import error_body
from parley.core.errors import CLIENT_LEFT, BadRequest, GatewayError
from parley.server.exchange import Exchange

MAX_HEAD = 65536
"""Bytes of URL and headers together."""
ARRIVAL = 60.0
"""Seconds that a request has to arrive whole, from the connection's or its own first byte."""
STOPPING = "parley.stopping"
"""What stands in the scope of a request that runs when the gateway is told to stop."""
LINGER = 1.0
"""Seconds for which a refused client may go on sending unheard."""


class Connection(HttpToolsProtocol):
    """One client connection."""

    arrival = ARRIVAL
    _head_size = 0
    _more_head = -1  # bytes that came after those that the request began in; below 0 while none did
    _whole = True
    _refused = False
    _clock: asyncio.TimerHandle | None = None
    _running: asyncio.Task[None] | None = None
    _running_cycle: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the clock for the first request."""
        super().connection_made(transport)
        self._clock = self.loop.call_later(self.arrival, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels what ran for this client."""
        super().connection_lost(exc)
        self._stop_clock()
        self._give_up()

    def data_received(self, data: bytes) -> None:
        """Starts the clock only for a request that does not arrive in one piece."""
        if self._refused:
            return
        super().data_received(data)
        if not self._whole and not self.transport.is_closing():
            self._unfinished(len(data))

    def on_message_begin(self) -> None:
        """Starts counting a new head."""
        super().on_message_begin()
        self._head_size = 0
        self._more_head = -1
        self._whole = False

    def on_url(self, url: bytes) -> None:
        """Counts the URL's bytes."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts a header's bytes."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """Starts the request, or queues it behind the one that is being answered (pipelining)."""
        parser, scope = self.parser, self.scope
        scope["method"] = parser.get_method().decode("ascii")
        version = parser.get_http_version()
        if version != "1.1":
            scope["http_version"] = version
        if parser.should_upgrade() and self._should_upgrade():
            return
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""
        running = self.cycle
        self.cycle = Exchange(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if running is None or running.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over; what arrives from now on is no request."""
        self._whole = True
        self._stop_clock()
        super().handle_websocket_upgrade()

    def on_message_complete(self) -> None:
        """The request arrived in time."""
        super().on_message_complete()
        self._whole = True
        self._stop_clock()

    def send_400_response(self, msg: str) -> None:
        """Answers what is not HTTP with the error body that every other error has."""
        self._refuse(BadRequest("What came over this connection is not an HTTP request."))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._refused:
            return
        task: asyncio.Task[None] = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._running, self._running_cycle = task, cycle

    def _unfinished(self, size: int) -> None:
        """Starts the clock; counts the head's bytes as they come too, for the parser tells a field once it is whole."""
        if self._clock is None:
            self._clock = self.loop.call_later(self.arrival, self._late)
        if "method" not in self.scope:
            self._more_head = self._more_head + size if self._more_head >= 0 else 0
            if self._more_head > MAX_HEAD:
                self._count(self._more_head)

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            self._refuse(BadRequest(f"The request's head is larger than {MAX_HEAD} bytes.", status=431))

    def _late(self) -> None:
        self._clock = None
        if self._whole:
            self.transport.close()
        else:
            self._refuse(BadRequest(f"The request did not arrive within {self.arrival:g} seconds.", status=408))

    def _refuse(self, error: GatewayError) -> None:
        """Says what is wrong, unless the answer to this or an earlier request is on its way, and hears no more.

        The connection stays half open for a moment: closed with bytes unread, it would be reset, and the client would
        never see the answer (RFC 9112, section 9.6).
        """
        if self._refused:
            return
        self._refused = True
        self._stop_clock()
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.close()
            return
        self._give_up()
        body = error_body(error)
        head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[error.status] + head + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)

    def _give_up(self) -> None:
        """Cancels what runs for this client, and forgets what waits behind it."""
        task, cycle = self._running, self._running_cycle
        if task is not None and cycle is not None and not task.done() and not cycle.response_complete:
            cycle.disconnected = True
            task.cancel(CLIENT_LEFT)
        self.pipeline.clear()

    def shutdown(self) -> None:
        """Lets what runs finish, and tells it, since a stream may have no end of its own."""
        if self._running_cycle is not None:
            self._running_cycle.scope[STOPPING] = True  # type: ignore[literal-required]  # uvicorn's scope is a plain dict
        super().shutdown()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

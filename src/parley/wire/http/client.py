"""The HTTP client: one per process, shared by everyone who asks an upstream."""

import asyncio
from collections.abc import Hashable
from functools import partial
from pathlib import Path
from types import TracebackType

from parley.wire.http.addresses import Vet
from parley.wire.http.connector import Connector, Lane
from parley.wire.http.errors import ConnectionCut, DeadlineExceeded, ProtocolViolated, RequestInvalid
from parley.wire.http.messages import HttpRequest, Limits, Timeouts
from parley.wire.http.proxy import Proxies
from parley.wire.http.response import HttpResponse

_MANY_LANES = 256


class HttpClient:
    """Keeps connections alive between requests. Belongs to the loop it is first used on; close it with `aclose`."""

    def __init__(
        self, limits: Limits | None = None, *, ca_file: Path | None = None, proxies: Proxies | None = None
    ) -> None:
        """`ca_file`: authorities (PEM) to trust besides the system's. Raises RequestInvalid if it can not be read."""
        self._limits = limits or Limits()
        self._connector = Connector(self._limits, ca_file, proxies or Proxies())
        self._lanes: dict[Hashable, Lane] = {}
        self._closed = False

    async def send(self, request: HttpRequest, timeouts: Timeouts, vet: Vet | None = None) -> HttpResponse:
        """Sends `request` and returns when the head of the answer has come. Redirects are answers like others.

        With `vet` only addresses for which it is true are connected to; pass the same function each time, connections
        are kept apart by it. A kept connection that the upstream closed before the first byte of its answer is replaced
        by a fresh one, once. Raises HttpError; when the task is cancelled the connection is closed at once.
        """
        origin = request.url.origin
        lane = self._lanes.get(origin if vet is None else (origin, vet)) or self._new_lane(request, vet)
        head = request.head(lane.absolute, lane.extra)
        now = asyncio.get_running_loop().time()
        end = timeouts.end(now)
        if end <= now:
            raise DeadlineExceeded("The deadline had passed before the request was sent.", sent=False)
        pool, fresh = lane.pool, False
        bodiless = request.method == "HEAD"
        while True:
            connection = None if fresh else pool.take()
            if connection is None:
                open_one = partial(self._connector.open, request.url, timeouts, end, vet)
                connection = await pool.acquire(open_one, end, fresh=fresh)
            message = connection.start(head, request.body, timeouts, end, bodiless=bodiless)
            await connection.wait(message, 0)
            if message.begun:
                try:
                    return HttpResponse(connection, message)
                except ProtocolViolated:
                    connection.give_up(message)
                    raise
            error = message.error
            assert error is not None
            if fresh or not connection.used or not isinstance(error, ConnectionCut) or error.bytes_seen:
                raise error
            fresh = True

    async def aclose(self) -> None:
        """Closes every connection at once; exchanges under way end in ConnectionCut."""
        self._closed = True
        pools = [lane.pool for lane in self._lanes.values()]
        lost = [connection for pool in pools for connection in pool.connections]
        self._lanes.clear()
        for pool in pools:
            pool.close()
        if lost:
            await asyncio.wait([connection.lost for connection in lost], timeout=1.0)

    async def __aenter__(self) -> "HttpClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _new_lane(self, request: HttpRequest, vet: Vet | None) -> Lane:
        if self._closed:
            raise RequestInvalid("The HTTP client is closed.")
        if len(self._lanes) >= _MANY_LANES:
            self._lanes = {key: lane for key, lane in self._lanes.items() if not lane.pool.empty}
        url = request.url
        lane = self._connector.lane(url, vet)
        self._lanes[url.origin if vet is None else (url.origin, vet)] = lane
        return lane

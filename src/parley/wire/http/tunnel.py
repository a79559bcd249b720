"""Asks a proxy for a tunnel (CONNECT, RFC 9110, section 9.3.6)."""

import asyncio
from typing import cast

from parley.wire.http.errors import HttpError, ProxyRefused
from parley.wire.http.parser import Message, ResponseParser
from parley.wire.http.proxy import Proxy


class Tunnel:
    """A tunnel through `proxy` to `target`, which is `host:port`."""

    def __init__(self, proxy: Proxy, target: str, head_bytes: int) -> None:
        """`head_bytes`: the largest head that the proxy may answer with."""
        self._proxy = proxy
        self._target = target
        self._head_bytes = head_bytes

    async def open(self, loop: asyncio.AbstractEventLoop, address: str) -> asyncio.Transport:
        """The transport of an open tunnel. The caller bounds the time. Raises ProxyRefused, OSError."""
        transport, opening = await loop.create_connection(
            lambda: _Opening(loop, self._head_bytes), address, self._proxy.url.port
        )
        try:
            target = self._target.encode()
            transport.write(b"CONNECT %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (target, target, self._proxy.authorization))
            await opening.answered
        except BaseException:
            transport.abort()
            raise
        if refusal := self._refusal(opening.message, excess=opening.parser.excess):
            transport.abort()
            raise refusal
        return transport

    def _refusal(self, message: Message, *, excess: bool) -> HttpError | None:
        if message.error is not None:
            return ProxyRefused(f"The proxy {self._proxy.url} opened no tunnel: {message.error.message}")
        if excess or not 200 <= message.status < 300:
            return ProxyRefused(
                f"The proxy {self._proxy.url} opened no tunnel to {self._target}: it answered {message.status}."
            )
        return None


class _Opening(asyncio.Protocol):
    """Waits for the head of the proxy's answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, head_bytes: int) -> None:
        self.parser = ResponseParser(head_bytes)
        self.message = self.parser.expect(bodiless=True)
        self.answered = loop.create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.parser.feed(data)
        self._look()

    def eof_received(self) -> None:
        self.parser.eof(clean=True)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self.parser.eof(clean=exc is None)
        self._look()

    def _look(self) -> None:
        if (self.message.complete or self.message.error) and not self.answered.done():
            self.answered.set_result(None)

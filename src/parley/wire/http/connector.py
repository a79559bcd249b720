"""Opens connections: finds the address, goes through the proxy, speaks TLS, all before one deadline."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import TypeVar

from parley.wire.http.addresses import Vet, resolve
from parley.wire.http.connection import Connection
from parley.wire.http.errors import (
    AddressRefused,
    ConnectFailed,
    ConnectTimedOut,
    DeadlineExceeded,
    HttpError,
    TlsFailed,
)
from parley.wire.http.messages import Limits, Timeouts
from parley.wire.http.pool import Pool
from parley.wire.http.proxy import Proxies, Proxy
from parley.wire.http.tls import tls_context
from parley.wire.http.tunnel import Tunnel
from parley.wire.http.url import Url

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lane:
    """The connections of one origin, and what a proxy in between wants in each head."""

    pool: Pool
    absolute: bytes = b""
    extra: bytes = b""


class Connector:
    """Opens connections for every origin of a client."""

    def __init__(self, limits: Limits, ca_file: Path | None, proxies: Proxies) -> None:
        """Raises RequestInvalid if `ca_file` can not be read as certificates."""
        self._limits = limits
        self._tls = tls_context(ca_file)
        self._proxies = proxies

    def lane(self, url: Url, vet: Vet | None) -> Lane:
        """A new lane to `url`. A proxy takes plain http whole; everything else it tunnels."""
        pool = Pool(url.origin, self._limits)
        proxy = self._proxies.for_url(url)
        if proxy is None or url.scheme == "https" or vet is not None:
            return Lane(pool)
        return Lane(pool, url.origin.encode(), proxy.authorization)

    async def open(self, url: Url, timeouts: Timeouts, end: float, vet: Vet | None) -> Connection:
        """A fresh connection to `url`. `end`: loop time by which the whole exchange must be over.

        Raises ConnectFailed, ConnectTimedOut, TlsFailed, ProxyRefused, AddressRefused or DeadlineExceeded.
        """
        loop = asyncio.get_running_loop()
        until = min(end, inf if timeouts.connect is None else loop.time() + timeouts.connect)
        try:
            async with asyncio.timeout_at(None if until == inf else until):
                return await self._route(url, until, vet)
        except TimeoutError:
            if end <= loop.time() + 0.001:
                raise DeadlineExceeded(f"The deadline passed while connecting to {url.origin}.", sent=False) from None
            raise ConnectTimedOut(f"{url.origin} did not take a connection in {timeouts.connect} s.") from None

    async def _route(self, url: Url, until: float, vet: Vet | None) -> Connection:
        proxy = self._proxies.for_url(url)
        if url.unix is not None:
            if vet is not None:
                raise AddressRefused("A unix socket may not be asked here: it is no address of the network.")
            return await self._unix(url.unix)
        if proxy is None:
            return await self._each(url, until, vet, partial(self._one, url, secure=url.scheme == "https"))
        if url.scheme == "https" or vet is not None:
            return await self._tunnelled(url, proxy, until, vet)
        return await self._each(proxy.url, until, None, partial(self._one, proxy.url, secure=False))

    async def _tunnelled(self, url: Url, proxy: Proxy, until: float, vet: Vet | None) -> Connection:
        """A tunnel to the host's name, or to an address of it that `vet` allows."""
        name = f"[{url.host}]" if ":" in url.host else url.host
        if vet is not None:
            address = (await resolve(url.host, url.port, vet))[0]
            name = f"[{address}]" if ":" in address else address
        tunnel = Tunnel(proxy, f"{name}:{url.port}", self._limits.head_bytes)
        transport = await self._each(proxy.url, until, None, partial(tunnel.open, asyncio.get_running_loop()))
        loop = asyncio.get_running_loop()
        connection = Connection(loop, self._limits)
        if url.scheme == "https":
            with tls_errors(url):
                secure = await loop.start_tls(transport, connection, self._tls, server_hostname=url.host)
            assert secure is not None
            transport = secure
        else:
            transport.set_protocol(connection)
        connection.connection_made(transport)
        return connection

    async def _unix(self, path: str) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_unix_connection(lambda: Connection(loop, self._limits), path)
        except OSError as error:
            raise ConnectFailed(f"The socket {path} took no connection: {_why(error)}.") from error
        return connection

    async def _each(
        self, url: Url, until: float, vet: Vet | None, connect: Callable[[str], Coroutine[None, None, T]]
    ) -> T:
        """Tries the addresses one after the other; each gets its share of the time that is left."""
        loop = asyncio.get_running_loop()
        addresses = await resolve(url.host, url.port, vet)
        failure: HttpError = ConnectFailed(f"The host {url.host!r} has no address.")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = None if until == inf or left == 1 else loop.time() + (until - loop.time()) / left
            share_of_time = asyncio.timeout_at(share)
            try:
                async with share_of_time:
                    return await connect(address)
            except TimeoutError:
                failure = ConnectFailed(f"{url.origin} did not answer at {address}.")
            except OSError as error:
                failure = ConnectFailed(f"{url.origin} took no connection at {address}: {_why(error)}.")
            except HttpError as error:
                failure = error
        raise failure

    async def _one(self, url: Url, address: str, *, secure: bool) -> Connection:
        loop = asyncio.get_running_loop()
        with tls_errors(url):
            _, connection = await loop.create_connection(
                lambda: Connection(loop, self._limits),
                address,
                url.port,
                ssl=self._tls if secure else None,
                server_hostname=url.host if secure else None,
            )
        return connection


@contextmanager
def tls_errors(url: Url) -> Iterator[None]:
    """Says what a failed handshake with `url` means. Raises TlsFailed."""
    try:
        yield
    except ssl.SSLError as error:
        why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason or str(error)
        raise TlsFailed(f"{url.origin} failed the TLS handshake: {why}.") from error


def _why(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__

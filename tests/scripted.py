"""An upstream for tests on a real socket: each test scripts with bytes and waits what it does, and asks what it saw.

    async def script(visit: Visit) -> None:          # runs once for each connection
        await visit.request()
        await visit.send(head(content_length=10) + b"half")
        await visit.cut()

    async with Upstream(script) as upstream:          # or Upstream(answering(json_answer({"a": 1})))
        ...upstream.url, upstream.requests, upstream.visits[0].closed_at...

A script that returns leaves the connection open until the client closes it; a script that raises fails the test at the
end of the `async with`.
"""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, cast

PATIENCE = 10.0


class Gone(Exception):
    """The client closed while the script wanted more of it; ends the script quietly."""


@dataclass(frozen=True)
class Seen:
    """A request as it came; header names in lower case, the last of a name wins."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    head: bytes

    @property
    def json(self) -> Any:
        """The body as a value."""
        return json.loads(self.body)


@dataclass(eq=False)
class Visit(asyncio.Protocol):
    """One connection of a client. `closed_at` is the loop's time when the client closed it."""

    script: "Script"
    requests: list[Seen] = field(default_factory=list)
    opened_at: float = 0.0
    closed_at: float | None = None
    received: bytearray = field(default_factory=bytearray)
    task: "asyncio.Task[None] | None" = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.Transport | None = None

    # ---- what a script says

    async def request(self) -> Seen:
        """The next request, whole. Raises Gone if the client closes instead."""
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            await self._more()
        head = bytes(self.received[: end + 4])
        line, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = line.split(" ")
        headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines)}
        whole = end + 4 + int(headers.get("content-length", 0))
        while len(self.received) < whole:
            await self._more()
        seen = Seen(method, target, headers, bytes(self.received[end + 4 : whole]), head)
        del self.received[:whole]
        self.requests.append(seen)
        return seen

    async def send(self, *pieces: bytes, gap: float = 0.0) -> None:
        """Sends the pieces, `gap` seconds apart; each piece leaves on its own. Raises Gone if the client closed."""
        for piece in pieces:
            if self.closed_at is not None:
                raise Gone
            self.transport.write(piece)
            await asyncio.sleep(gap)

    async def wait(self, seconds: float) -> None:
        """Does nothing for a while. Raises Gone as soon as the client closes."""
        try:
            async with asyncio.timeout(seconds):
                await self.closed()
        except TimeoutError:
            return
        raise Gone

    async def closed(self) -> float:
        """Waits until the client closes, and says when it did (loop time)."""
        while self.closed_at is None:
            self._changed.clear()
            await self._changed.wait()
        return self.closed_at

    async def close(self) -> None:
        """Says goodbye (FIN) once everything is sent."""
        self.transport.close()
        await asyncio.sleep(0)

    async def cut(self) -> None:
        """Breaks the connection off, dropping what was not sent."""
        await asyncio.sleep(0.01)
        self.transport.abort()

    def to_tls(self, context: ssl.SSLContext) -> "Awaitable[None]":
        """Speaks TLS from here on, as behind a proxy's tunnel."""
        return self._to_tls(context)

    # ---- machinery

    @property
    def transport(self) -> asyncio.Transport:
        """The connection's transport."""
        assert self._transport is not None
        return self._transport

    async def _to_tls(self, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        self._transport = await loop.start_tls(self.transport, self, context, server_side=True)

    async def _more(self) -> None:
        if self.closed_at is not None:
            raise Gone
        self._changed.clear()
        await self._changed.wait()

    async def _run(self) -> None:
        try:
            await self.script(self)
        except Gone:
            pass

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        loop = asyncio.get_running_loop()
        self._transport = cast(asyncio.Transport, transport)
        self.opened_at = loop.time()
        self.task = loop.create_task(self._run())

    def data_received(self, data: bytes) -> None:
        self.received += data
        self._changed.set()

    def eof_received(self) -> None:
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.closed_at is None:
            self.closed_at = asyncio.get_running_loop().time()
        self._changed.set()


Script = Callable[[Visit], Awaitable[None]]


class Upstream:
    """Listens on a free port of 127.0.0.1, or on the unix socket `unix`, and runs `script` for each connection."""

    def __init__(self, script: Script, *, unix: Path | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.visits: list[Visit] = []
        self.port = 0
        self._unix = unix
        self._tls = tls
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The base URL, without a path."""
        if self._unix is not None:
            return f"unix:{self._unix}"
        return f"{'https' if self._tls else 'http'}://{'localhost' if self._tls else '127.0.0.1'}:{self.port}"

    @property
    def requests(self) -> list[Seen]:
        """All requests that came, by connection."""
        return [seen for visit in self.visits for seen in visit.requests]

    async def all_closed(self) -> None:
        """Waits until the client has closed every connection. Raises TimeoutError if it does not."""
        async with asyncio.timeout(PATIENCE):
            for visit in self.visits:
                await visit.closed()

    async def __aenter__(self) -> "Upstream":
        loop = asyncio.get_running_loop()
        if self._unix is not None:
            self._server = await loop.create_unix_server(self._visit, str(self._unix), ssl=self._tls)
        else:
            self._server = await loop.create_server(self._visit, "127.0.0.1", 0, ssl=self._tls)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        tasks = [visit.task for visit in self.visits if visit.task is not None]
        for visit in self.visits:
            if visit._transport is not None:
                visit._transport.abort()
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        if self._unix is not None:
            self._unix.unlink(missing_ok=True)
        await asyncio.sleep(0.01)
        for result in ended:
            if isinstance(result, Exception) and error is None:
                raise result

    def _visit(self) -> Visit:
        visit = Visit(self.script)
        self.visits.append(visit)
        return visit


# ---- scripts and bytes that many tests want


def answering(*answers: bytes, delay: float = 0.0) -> Script:
    """Each request of a connection gets the next answer, the last one again and again."""

    async def script(visit: Visit) -> None:
        for answer in chain(answers, repeat(answers[-1])):
            await visit.request()
            if delay:
                await visit.wait(delay)
            await visit.send(answer)

    return script


def in_turn(*scripts: Script) -> Script:
    """The first connection runs the first script, and so on; the last one runs for all that follow."""
    left = chain(scripts, repeat(scripts[-1]))

    async def script(visit: Visit) -> None:
        await next(left)(visit)

    return script


async def silent(visit: Visit) -> None:
    """Takes the request and never answers."""
    await visit.request()
    await visit.closed()


def head(status: int = 200, *, length: int | None = None, chunked: bool = False, **fields: str) -> bytes:
    """The head of an answer; a field's `_` stands for `-`."""
    lines = [f"HTTP/1.1 {status} Said"]
    if length is not None:
        lines.append(f"content-length: {length}")
    if chunked:
        lines.append("transfer-encoding: chunked")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(body: bytes, status: int = 200, **fields: str) -> bytes:
    """A whole answer of known length."""
    return head(status, length=len(body), chunked=False, **fields) + body


def json_answer(value: Any, status: int = 200, **fields: str) -> bytes:
    """A whole JSON answer."""
    return answer(json.dumps(value).encode(), status, content_type="application/json", **fields)


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; of no bytes: its end."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def sse_answer(*payloads: Any, done: bool = True) -> bytes:
    """A whole stream: each payload (a value, or text as it is) an event in a chunk of its own."""
    texts = [value if isinstance(value, str) else json.dumps(value) for value in payloads] + ["[DONE]"] * done
    events = b"".join(chunk(f"data: {text}\n\n".encode()) for text in texts)
    return head(chunked=True, content_type="text/event-stream") + events + chunk(b"")

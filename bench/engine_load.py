"""The clients of the engine's benchmark: plain HTTP/1.1 on a loopback port or a unix socket, as cheap as Python can."""

import asyncio
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PATH = "/v1/chat/completions"
KEPT = 25  # requests on one connection; llama.cpp closes them after some
WORDS = "the benchmark asks for some words and nobody minds which ones they are"


@dataclass(frozen=True)
class Place:
    """Where a server listens: a port, or the path of a socket."""

    name: str
    port: int | None = None
    socket: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def connect(self) -> "Connection":
        """A connection, open."""
        if self.socket is not None:
            return Connection(self, *await asyncio.open_unix_connection(self.socket))
        return Connection(self, *await asyncio.open_connection("127.0.0.1", self.port))


class Connection:
    """One kept-alive connection."""

    def __init__(self, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._place, self._reader, self._writer = place, reader, writer

    async def send(self, body: bytes) -> None:
        """Send a request and read the head of its answer. Raises RuntimeError unless that is 200."""
        lines = [f"POST {PATH} HTTP/1.1", "host: bench", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in self._place.headers.items()]
        self._writer.write("\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        self._chunked = b"transfer-encoding: chunked" in head
        self._length = 0 if self._chunked else int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        if b" 200 " not in head[:20]:
            said = await self._reader.read(500)
            raise RuntimeError(f"{self._place.name} answers {head[:20]!r}: {said!r}")

    async def first(self) -> bytes:
        """The first bytes of the answer's body."""
        return await self._reader.read(65536)

    async def rest(self) -> bytes:
        """The whole body."""
        if not self._chunked:
            return await self._reader.readexactly(self._length)
        said = bytearray()
        while not said.endswith(b"0\r\n\r\n"):
            piece = await self._reader.read(65536)
            if not piece:
                raise RuntimeError(f"{self._place.name} cut its answer: {bytes(said[-300:])!r}")
            said += piece
        return bytes(said)

    def leave(self) -> None:
        """Go away at once, whatever comes."""
        self._writer.transport.abort()


def body(tokens: int, *, model: str = "bench", words: str = WORDS, **fields: Any) -> bytes:
    """A chat whose answer has so many tokens."""
    ask = {"model": model, "messages": [{"role": "user", "content": words}], "max_tokens": tokens, "ignore_eos": True}
    return json.dumps({**ask, "temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "seed": 1, **fields}).encode()


async def one_token(places: Sequence[Place], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each one-token answer, the places taking turns."""
    found: dict[str, list[float]] = {place.name: [] for place in places}
    asked = body(1)
    for some in range(0, rounds, KEPT):
        connections = [await place.connect() for place in places]
        for turn in range(min(KEPT, rounds - some)):
            for place, connection in zip(places, connections, strict=True):
                took = await timed(connection, asked)
                if turn >= 3:  # the first ones warm the connection up
                    found[place.name].append(took)
        for connection in connections:
            connection.leave()
    return found


async def tokens_per_second(place: Place, streams: int, tokens: int, **fields: Any) -> float:
    """How many tokens a second all streams together get."""
    asked = body(tokens, stream=True, **fields)
    connections = [await place.connect() for _ in range(streams)]

    async def drain(connection: Connection) -> None:
        await connection.send(asked)
        said = await connection.rest()
        if b"[DONE]" not in said:
            raise RuntimeError(f"{place.name} ends its stream so: {said[-300:]!r}")

    began = time.perf_counter()
    await asyncio.gather(*map(drain, connections))
    took = time.perf_counter() - began
    for connection in connections:
        connection.leave()
    return streams * tokens / took


async def cancelled(place: Place, rounds: int, *, words: str = WORDS, wait: float = 0.05) -> list[float]:
    """Milliseconds from a client's leaving to the first answer after it, of a model with one slot.

    What a one-token answer takes anyhow (the median of some) is taken off.
    """
    usual, found = [], []
    for turn in range(9):
        usual.append(await answered(place, body(1, model="alone", words=f"{turn} {WORDS}")))
    for turn in range(rounds):
        leaving = await place.connect()
        endless = body(3000, model="alone", stream=True, words=f"{turn} {words}")
        sending = asyncio.create_task(leaving.send(endless))
        await asyncio.sleep(wait)
        leaving.leave()
        found.append(await answered(place, body(1, model="alone")) - statistics.median(usual[2:]))
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return found


async def answered(place: Place, asked: bytes) -> float:
    """Milliseconds of one answer on a new connection."""
    connection = await place.connect()
    took = await timed(connection, asked)
    connection.leave()
    return took


async def timed(connection: Connection, asked: bytes) -> float:
    """Milliseconds of one answer."""
    began = time.perf_counter()
    await connection.send(asked)
    await connection.rest()
    return (time.perf_counter() - began) * 1000

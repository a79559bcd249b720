"""A client that sees every byte: asks a gateway over a plain socket and reads answers piece by piece."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

PATIENCE = 20.0
HELLO = [{"role": "user", "content": "Hello?"}]


class Door(Protocol):
    """Where to ask, and with which key."""

    port: int
    key: str


@dataclass
class Answer:
    """A whole answer; `ended` says whether its end was there, or the connection was cut."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    ended: bool = True

    @property
    def json(self) -> Any:
        """The body as a value."""
        return json.loads(self.body)

    @property
    def payloads(self) -> list[str]:
        """The `data` of a stream's events."""
        return payloads(self.body)

    @property
    def chunks(self) -> list[Any]:
        """The events of a stream as values, without the `[DONE]`."""
        return [json.loads(text) for text in self.payloads if text != "[DONE]"]

    @property
    def done(self) -> bool:
        """Whether a stream said that it is complete."""
        return self.payloads[-1:] == ["[DONE]"]

    @property
    def text(self) -> str:
        """What the first choice of a stream says."""
        return "".join(
            choice["delta"].get("content") or ""
            for chunk in self.chunks
            for choice in chunk.get("choices", ())
            if choice["index"] == 0
        )

    @property
    def id(self) -> str:
        """The request's id."""
        return self.headers["x-request-id"]


def payloads(body: bytes) -> list[str]:
    """The `data` of each event; comments are passed over."""
    frames = body.decode().split("\n\n")
    return [frame.removeprefix("data: ") for frame in frames if frame.startswith("data: ")]


@dataclass
class Line:
    """One connection to a gateway."""

    door: Door
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> "Line":
        self._streams = await asyncio.open_connection("127.0.0.1", self.door.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    @property
    def reader(self) -> asyncio.StreamReader:
        """What comes in."""
        assert self._streams is not None
        return self._streams[0]

    @property
    def writer(self) -> asyncio.StreamWriter:
        """What goes out."""
        assert self._streams is not None
        return self._streams[1]

    async def leave(self) -> None:
        """Closes the connection."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass

    async def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def post(
        self,
        body: Any,
        path: str = "/v1/chat/completions",
        *,
        method: str = "POST",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Sends a request; `key` is the gateway's own unless given, none if empty."""
        await self.send(request(self.door, body, path, method=method, key=key, headers=headers))

    async def head(self) -> Answer:
        """The head of the next answer, without its body."""
        async with asyncio.timeout(PATIENCE):
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *lines = text.rstrip().split("\r\n")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return Answer(int(status.split(" ")[1]), self.headers)

    async def piece(self) -> bytes | None:
        """The next piece of a chunked body; None at its end. Raises IncompleteReadError where it was cut."""
        async with asyncio.timeout(PATIENCE):
            size = int((await self.reader.readuntil(b"\r\n"))[:-2], 16)
            data = (await self.reader.readexactly(size + 2))[:-2]
        return data if size else None

    async def answer(self, *, bodiless: bool = False) -> Answer:
        """The next answer, whole or until it was cut."""
        answer = await self.head()
        if bodiless or answer.status in (204, 304):
            return answer
        return await self.rest(answer)

    async def rest(self, answer: Answer) -> Answer:
        """The answer with its body."""
        try:
            if answer.headers.get("transfer-encoding") == "chunked":
                while (piece := await self.piece()) is not None:
                    answer.body += piece
            elif "content-length" in answer.headers:
                async with asyncio.timeout(PATIENCE):
                    answer.body = await self.reader.readexactly(int(answer.headers["content-length"]))
            else:
                async with asyncio.timeout(PATIENCE):
                    answer.body = await self.reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            answer.ended = False
        return answer


def request(
    door: Door,
    body: Any,
    path: str = "/v1/chat/completions",
    *,
    method: str = "POST",
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a request; `body` is bytes as they are, or a value for JSON."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    fields = {"host": f"127.0.0.1:{door.port}", "content-length": str(len(data)), "content-type": "application/json"}
    if key != "":
        fields["authorization"] = f"Bearer {key or door.key}"
    fields.update(headers or {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + data


async def ask(
    door: Door,
    body: Any = None,
    path: str = "/v1/chat/completions",
    *,
    method: str = "POST",
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer to one request on a connection of its own."""
    async with Line(door) as line:
        await line.post(body, path, method=method, key=key, headers=headers)
        return await line.answer(bodiless=method == "HEAD")


async def get(door: Door, path: str, *, key: str | None = None) -> Answer:
    """The answer to a GET."""
    return await ask(door, None, path, method="GET", key=key)


def chat(model: str = "m", **more: Any) -> dict[str, Any]:
    """A small chat."""
    return {"model": model, "messages": HELLO, **more}


def streamed(model: str = "m", **more: Any) -> dict[str, Any]:
    """A small chat whose answer is streamed."""
    return chat(model, **{"stream": True, **more})

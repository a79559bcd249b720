"""The stage: an address for upstreams that outlives each of them, and the answers that they give.

A gateway is started once with the stage's address in its configuration; each test lets its own script play there.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.scripted import Script, Upstream, Visit, chunk, head, json_answer, sse_answer

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


class Stage:
    """A listening socket of 127.0.0.1 that is kept open; nobody is there to take a connection while nothing plays."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        """The base URL of what plays here."""
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        """Gives the address back."""
        self._socket.close()

    @asynccontextmanager
    async def plays(self, script: Script) -> AsyncIterator[Upstream]:
        """An upstream at this address that runs `script` for each connection."""
        async with OnStage(script, self._socket) as upstream:
            yield upstream

    @asynccontextmanager
    async def says(self, *answers: bytes) -> AsyncIterator[Upstream]:
        """An upstream that gives these answers, one to each request of a connection, the last again and again."""

        async def script(visit: Visit) -> None:
            left = list(answers)
            while True:
                await visit.request()
                await visit.send(left.pop(0) if len(left) > 1 else left[0])

        async with self.plays(script) as upstream:
            yield upstream


class OnStage(Upstream):
    """An upstream on a socket that is not its own."""

    def __init__(self, script: Script, listening: socket.socket) -> None:
        super().__init__(script)
        self._listening = listening

    async def __aenter__(self) -> "OnStage":
        self._server = await asyncio.get_running_loop().create_server(
            self._visit, sock=self._listening.dup(), backlog=1024
        )
        self.port = self._listening.getsockname()[1]
        return self


def said(text: str = "Good day.", **more: Any) -> dict[str, Any]:
    """A whole chat completion."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-up",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "upstream-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": USAGE,
        **more,
    }


def piece(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of a stream; without a delta its choices are empty."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    known = {"id": "chatcmpl-up", "object": "chat.completion.chunk", "created": 1700000000, "model": "upstream-model"}
    return {**known, "choices": choices, **more}


def pieces(*texts: str) -> list[dict[str, Any]]:
    """The chunks of a whole answer, its usage last."""
    words = texts or ("Good ", "day.")
    begin = piece({"role": "assistant", "content": ""})
    return [begin, *(piece({"content": text}) for text in words), piece({}, "stop"), piece(usage=USAGE)]


WHOLE = json_answer(said())
STREAM = sse_answer(*pieces())
STREAM_HEAD = head(chunked=True, content_type="text/event-stream")


def event(value: Any) -> bytes:
    """One event of a stream in a chunk of its own."""
    text = value if isinstance(value, str) else json.dumps(value)
    return chunk(f"data: {text}\n\n".encode())


async def both(visit: Visit) -> None:
    """Answers every request as it is asked: whole, or as a stream."""
    while True:
        asked = await visit.request()
        await visit.send(STREAM if asked.json.get("stream") else WHOLE)

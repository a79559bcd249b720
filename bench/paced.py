"""An upstream that answers at once, or sends a stream's frames at the moments that its question names.

usage: python -m bench.paced PORT
A question `paced AT CHUNKS GAP` (monotonic microseconds, a number, microseconds) is answered with a role chunk at once
and content chunk i at AT + i * GAP, or from now on where AT has passed. Each content is `<us>`, the monotonic clock as
the frame was written, which on one machine any process can compare with its own. Any other question gets prepared
bytes in one write.
"""

import asyncio
import json
import re
import socket
import sys
import time
from typing import cast

import uvloop

CHUNKS = 20
TEXT = "Hello from the upstream. " * 4
PLAN = re.compile(rb'"paced (\d+) (\d+) (\d+)"')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
USAGE = {"prompt_tokens": 20, "completion_tokens": CHUNKS, "total_tokens": 20 + CHUNKS}
ENVELOPE = {"id": "chatcmpl-bench", "created": 1_700_000_000, "model": "bench"}


def whole(value: object) -> bytes:
    """A 200 with `value` as JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def frame(data: bytes) -> bytes:
    """One server-sent event as one chunk of a chunked body."""
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    """The JSON of one `chat.completion.chunk`."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return json.dumps(
        ENVELOPE | {"object": "chat.completion.chunk", "choices": choices}, separators=(",", ":")
    ).encode()


MESSAGE = {"role": "assistant", "content": TEXT}
CHOICE = {"index": 0, "message": MESSAGE, "finish_reason": "stop"}
ANSWER = whole(ENVELOPE | {"object": "chat.completion", "choices": [CHOICE], "usage": USAGE})
ROLE = frame(chunk({"role": "assistant", "content": ""}))
BEFORE, AFTER = chunk({"content": "@"}).split(b"@")
USED = frame(json.dumps(ENVELOPE | {"object": "chat.completion.chunk", "choices": [], "usage": USAGE}).encode())
END = frame(chunk({}, "stop")) + USED + frame(b"[DONE]") + b"0\r\n\r\n"
STREAM = HEAD + ROLE + frame(chunk({"content": "token "})) * CHUNKS + END


class Paced(asyncio.Protocol):
    """One kept-alive connection of a client that waits for each answer before it asks again."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back, and sends small frames at once."""
        self.transport, self.buffer = cast(asyncio.Transport, transport), b""
        self.timer: asyncio.TimerHandle | None = None
        self.loop = asyncio.get_running_loop()
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops what still runs."""
        if self.timer:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answers once the request is whole."""
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if length := LENGTH.search(head):
            if len(body) < int(length[1]):
                return
        elif b"chunked" in head.lower() and not body.endswith(b"0\r\n\r\n"):
            return
        self.buffer = b""
        self.answer(body)

    def answer(self, body: bytes) -> None:
        """Answers one request at once, or begins its stream."""
        if plan := PLAN.search(body):
            at, chunks, gap = map(int, plan.groups())
            self.transport.write(HEAD + ROLE)
            self.began = self.loop.time() + max(0.0, at / 1e6 - time.monotonic())
            self.gap, self.chunks = gap / 1e6, chunks
            self.wait_for(0)
        else:
            self.transport.write(STREAM if b'"stream":true' in body.replace(b" ", b"") else ANSWER)

    def wait_for(self, number: int) -> None:
        """Sends content `number` when it is due."""
        self.timer = self.loop.call_at(self.began + number * self.gap, self.send, number)

    def send(self, number: int) -> None:
        """Sends content `number`, and the end after the last."""
        self.transport.write(frame(b"%s<%d>%s" % (BEFORE, time.monotonic_ns() // 1000, AFTER)))
        if number + 1 < self.chunks:
            self.wait_for(number + 1)
        else:
            self.transport.write(END)


async def serve(port: int) -> None:
    """Serves on loopback until the process is stopped."""
    server = await asyncio.get_running_loop().create_server(Paced, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))

"""An upstream that costs next to nothing: an asyncio Protocol that answers with bytes prepared beforehand.

    python -m bench.upstream [--port 19100] [--unix PATH] [--delay-ms 0] [--chunks 20] [--gap-ms 0]

POST */chat/completions (JSON, or SSE with the usage chunk if it is asked for), POST */embeddings, GET */models; GET
/count tells how many requests came. Prints one line when it listens. A delay comes before the first byte, a gap between
two chunks; without both a stream is one write.
"""

import argparse
import asyncio
import json
from dataclasses import dataclass
from typing import Any, cast

import uvloop

TEXT = "Hello from the bare upstream. " * 4
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
ENVELOPE = {"id": "chatcmpl-bare", "created": 1700000000, "model": "bare"}


def http(value: Any) -> bytes:
    """A whole JSON answer."""
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def sse(payload: bytes) -> bytes:
    """One event in one chunk of a chunked body."""
    frame = b"data: %b\n\n" % payload
    return b"%x\r\n%b\r\n" % (len(frame), frame)


def piece(delta: dict[str, str], finish: str | None = None) -> bytes:
    """One chunk of a completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return sse(json.dumps(ENVELOPE | {"object": "chat.completion.chunk", "choices": [choice]}).encode())


def usage(completion: int) -> dict[str, int]:
    """The tokens that an answer claims."""
    return {"prompt_tokens": 10, "completion_tokens": completion, "total_tokens": 10 + completion}


def whole_reply() -> bytes:
    """A completion in one piece."""
    choice = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
    return http(ENVELOPE | {"object": "chat.completion", "choices": [choice], "usage": usage(24)})


@dataclass(frozen=True)
class Script:
    """What every request is answered with, and when; times in seconds."""

    delay: float
    gap: float
    chunks: int
    reply: bytes
    first: bytes
    token: bytes
    last: bytes
    usage: bytes
    done: bytes
    models: bytes
    vectors: bytes

    @classmethod
    def prepare(cls, delay: float = 0.0, gap: float = 0.0, chunks: int = 20) -> "Script":
        """All the bytes, made once."""
        counted = ENVELOPE | {"object": "chat.completion.chunk", "choices": [], "usage": usage(chunks)}
        model = {"id": "bare", "object": "model", "created": 1700000000, "owned_by": "bench"}
        vector = {"object": "embedding", "index": 0, "embedding": [0.01] * 256}
        tokens = {"prompt_tokens": 8, "total_tokens": 8}
        return cls(
            delay=delay,
            gap=gap,
            chunks=chunks,
            reply=whole_reply(),
            first=HEAD + piece({"role": "assistant", "content": ""}),
            token=piece({"content": "token "}),
            last=piece({}, "stop"),
            usage=sse(json.dumps(counted).encode()),
            done=sse(b"[DONE]") + b"0\r\n\r\n",
            models=http({"object": "list", "data": [model]}),
            vectors=http({"object": "list", "model": "bare", "data": [vector], "usage": tokens}),
        )


class Count:
    """How many requests came."""

    def __init__(self) -> None:
        self.requests = 0


class Upstream(asyncio.Protocol):
    """One connection; requests are answered in turn."""

    def __init__(self, script: Script, count: Count) -> None:
        self.script = script
        self.count = count
        self.buffer = b""
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            whole = self.body_end(head, end + 4)
            if whole is None:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            self.answer(head.split(b" ", 2)[1], body)

    def body_end(self, head: bytes, start: int) -> int | None:
        """Where the request ends; None: later."""
        if b"transfer-encoding: chunked" in head:
            end = self.buffer.find(b"0\r\n\r\n", start)
            return end + 5 if end >= 0 else None
        _, _, length = head.partition(b"content-length:")
        whole = start + int(length.split(b"\r\n", 1)[0] or 0)
        return whole if len(self.buffer) >= whole else None

    def answer(self, path: bytes, body: bytes) -> None:
        """Writes the answer, now or in steps."""
        script = self.script
        if path == b"/count":
            self.transport.write(http({"count": self.count.requests}))
            return
        self.count.requests += 1
        if path.endswith((b"/models", b"/embeddings")):
            self.transport.write(script.models if path.endswith(b"/models") else script.vectors)
            return
        asked = body.replace(b" ", b"")
        if script.delay or script.gap:
            self.task = asyncio.get_running_loop().create_task(self.slowly(asked))
        elif b'"stream":true' in asked:
            self.transport.write(script.first + script.token * script.chunks + self.end(asked))
        else:
            self.transport.write(script.reply)

    def end(self, asked: bytes) -> bytes:
        """The last chunks of a stream."""
        counted = self.script.usage if b'"include_usage":true' in asked else b""
        return self.script.last + counted + self.script.done

    async def slowly(self, asked: bytes) -> None:
        """The answer with its delay and gaps."""
        script = self.script
        await asyncio.sleep(script.delay)
        if b'"stream":true' not in asked:
            self.transport.write(script.reply)
            return
        self.transport.write(script.first)
        for _ in range(script.chunks):
            await asyncio.sleep(script.gap)
            self.transport.write(script.token)
        self.transport.write(self.end(asked))


async def serve(port: int, unix: str | None, script: Script) -> None:
    """Listens until it is killed."""
    loop = asyncio.get_running_loop()
    count = Count()
    if unix:
        server = await loop.create_unix_server(lambda: Upstream(script, count), unix)
    else:
        server = await loop.create_server(lambda: Upstream(script, count), "127.0.0.1", port, backlog=4096)
    print("The upstream listens on", unix or server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=19100)
    parser.add_argument("--unix")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--chunks", type=int, default=20)
    parser.add_argument("--gap-ms", type=float, default=0)
    args = parser.parse_args()
    script = Script.prepare(args.delay_ms / 1000, args.gap_ms / 1000, args.chunks)
    uvloop.run(serve(args.port, args.unix, script))


if __name__ == "__main__":
    main()

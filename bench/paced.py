"""The instant upstream, which also sends a stream's frames at the moments that its question names.

    python -m bench.paced PORT

A question `paced AT CHUNKS GAP` (monotonic microseconds, a number, microseconds) is answered with a role chunk at once
and content chunk i at AT + i * GAP, or from now on where AT has passed. Each content is `<us>`, the monotonic clock as
the frame was written, which on one machine any process can compare with its own.
"""

import asyncio
import re
import sys
import time

import uvloop

from bench.upstream import Count, Script, Upstream, piece

PLAN = re.compile(rb'"paced (\d+) (\d+) (\d+)"')
TOKENS = 20  # of a stream that is not paced
CLOCK = b"0" * 20  # as long as what takes its place, so that the chunk's own length stays right
TOKEN = piece({"content": f"<{CLOCK.decode()}>"})


class Paced(Upstream):
    """One kept-alive connection."""

    timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the stream that still runs."""
        super().connection_lost(exc)
        if self.timer:
            self.timer.cancel()

    def answer(self, path: bytes, body: bytes) -> None:
        """Answers one request at once, or begins its stream."""
        plan = PLAN.search(body)
        if plan is None:
            super().answer(path, body)
            return
        self.count.requests += 1
        self.asked = body.replace(b" ", b"")
        at, self.chunks, gap = map(int, plan.groups())
        self.transport.write(self.script.first)
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time() + max(0.0, at / 1e6 - time.monotonic())
        self.gap = gap / 1e6
        self.wait_for(0)

    def wait_for(self, number: int) -> None:
        """Sends content `number` when it is due."""
        self.timer = self.loop.call_at(self.began + number * self.gap, self.send, number)

    def send(self, number: int) -> None:
        """Sends content `number`, and the end after the last."""
        self.transport.write(TOKEN.replace(CLOCK, b"%020d" % (time.monotonic_ns() // 1000)))
        if number + 1 < self.chunks:
            self.wait_for(number + 1)
        else:
            self.transport.write(self.end(self.asked))


async def serve(port: int) -> None:
    """Serves on loopback until the process is stopped."""
    script, count, loop = Script.prepare(chunks=TOKENS), Count(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Paced(script, count), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))

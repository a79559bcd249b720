"""An upstream that can be told to die, to refuse, to answer 429 half of the time, or to become slow."""

import asyncio
import re
from collections import Counter

from bench.upstream import Count, Script, Upstream, http, whole_reply

CALL = re.compile(rb"call-(\d+)")
REPLY = whole_reply()


def refusal(status: int) -> bytes:
    """An error answer."""
    error = {"message": "Scripted.", "type": "scripted", "param": None, "code": None}
    return http({"error": error}).replace(b"200 OK", b"%d Said" % status, 1)


TOO_MANY, UNAVAILABLE = refusal(429), refusal(503)


class Faulty:
    """A listener at a fixed port, and what it does now. `delay` in seconds."""

    def __init__(self, name: str, port: int, delay: float) -> None:
        self.name, self.port, self.delay = name, port, delay
        self.limited = self.refusing = False
        self.asked = 0
        self.answered: Counter[int] = Counter()  # by the call's number
        self.first_answer_since: float | None = None
        self.lines: set[Line] = set()
        self._server: asyncio.Server | None = None
        self._turn = 0

    async def rise(self) -> None:
        """Listens."""
        self.first_answer_since = None
        loop = asyncio.get_running_loop()
        script, count = Script.prepare(), Count()
        self._server = await loop.create_server(lambda: Line(self, script, count), "127.0.0.1", self.port, backlog=4096)

    def die(self) -> None:
        """Closes the listener and every connection, answers under way included."""
        if self._server is not None:
            self._server.close()
        for line in list(self.lines):
            line.transport.abort()

    def says(self, body: bytes) -> bytes:
        """The answer to one request, at the moment that it leaves."""
        self._turn += 1
        if self.refusing:
            return UNAVAILABLE
        if self.limited and self._turn % 2:
            return TOO_MANY
        found = CALL.search(body)
        if found is not None:
            self.answered[int(found[1])] += 1
        if self.first_answer_since is None:
            self.first_answer_since = asyncio.get_running_loop().time()
        return REPLY


class Line(Upstream):
    """One kept-alive connection."""

    def __init__(self, faulty: Faulty, script: Script, count: Count) -> None:
        super().__init__(script, count)
        self.faulty = faulty
        self.timers: set[asyncio.TimerHandle] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers the connection, to break it when the upstream dies."""
        super().connection_made(transport)
        self.faulty.lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it, and what it still had to say."""
        super().connection_lost(exc)
        self.faulty.lines.discard(self)
        for timer in self.timers:
            timer.cancel()

    def answer(self, path: bytes, body: bytes) -> None:
        """Answers after the delay of the moment."""
        self.faulty.asked += 1
        self.timers.add(asyncio.get_running_loop().call_later(self.faulty.delay, self.say, body))

    def say(self, body: bytes) -> None:
        """Sends the answer."""
        self.transport.write(self.faulty.says(body))

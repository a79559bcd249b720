"""Sends the spans of requests elsewhere by OTLP, in the background: whoever answers a call never waits for it."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from msgspec import structs

from parley.core.record import Record
from parley.tracing.otlp_out import export_of

log = logging.getLogger(__name__)

BOUND = 4096
"""Records that wait to be sent; more are dropped and counted."""
BATCH = 256
EVERY = 1.0
PAUSES = (0.5, 2.0, 8.0)
"""Seconds between tries of one batch; then it is dropped and counted."""

Post = Callable[[bytes], Awaitable[bool]]
"""Sends one export; False: try again. Raises OSError where nobody answers, ValueError where it is refused."""


class Exporter:
    """A bounded queue of records and the one task that sends them."""

    def __init__(self, post: Post, version: str) -> None:
        self._post = post
        self._version = version
        self._waiting: deque[Record] = deque()
        self._task: asyncio.Task[None] | None = None
        self.sent = 0
        self.dropped = 0

    def note(self, record: Record) -> None:
        """Takes a record, without what was asked and answered."""
        if len(self._waiting) >= BOUND:
            self._lost(1)
            return
        self._waiting.append(structs.replace(record, messages=None, answer=None))

    async def start(self) -> None:
        """Begins to send."""
        self._task = asyncio.create_task(self._run(), name="trace-export")

    async def stop(self, deadline: float = 3.0) -> None:
        """Sends what waits, for at most `deadline` seconds, and ends."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            async with asyncio.timeout(deadline):
                while self._waiting:
                    await self._send()
        except TimeoutError:
            self._lost(len(self._waiting))

    def counted(self) -> dict[str, int]:
        """The counters: records sent, dropped, and waiting now."""
        return {"sent": self.sent, "dropped": self.dropped, "waiting": len(self._waiting)}

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY if len(self._waiting) < BATCH else 0)
            if self._waiting:
                await self._send()

    async def _send(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        try:
            body, _ = await asyncio.to_thread(export_of, batch, self._version)
            if await self._posted(body):
                self.sent += len(batch)
            else:
                self._lost(len(batch))
        except asyncio.CancelledError:
            self._waiting.extendleft(reversed(batch))
            raise
        except Exception as error:
            self._lost(len(batch), error)

    async def _posted(self, body: bytes) -> bool:
        for pause in (*PAUSES, None):
            try:
                if await self._post(body):
                    return True
            except OSError:
                pass
            if pause is not None:
                await asyncio.sleep(pause)
        return False

    def _lost(self, records: int, error: BaseException | None = None) -> None:
        if self.dropped == 0 and records:
            why = f": {error}" if isinstance(error, ValueError) else ""
            log.warning("the traces of %d requests could not be exported%s; more are counted only", records, why)
        self.dropped += records

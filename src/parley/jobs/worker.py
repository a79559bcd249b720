"""The worker: claims jobs that are due, runs them side by side, and commits how they ended, many at once."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping

from msgspec import structs

from parley.core.enclosures import Job
from parley.core.errors import GatewayError
from parley.jobs.ports import Ended, Handler, Queue

log = logging.getLogger(__name__)

LEASE, RENEW = 30.0, 10.0
"""Seconds for which a claimed job is ours, and between two renewals; a dead process's jobs are free after a lease."""
DEADLINE = 120.0
"""Seconds that one try may take."""
TRIES = 5
FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
HELD = 1000
"""Jobs that this process may keep for itself beyond those that run; what comes then is left to whoever is free."""
GATHER = 0.1
"""Seconds from a wake until the queue is looked at: under load many jobs share a transaction; none is in a hurry."""
AFTER, APART, TOGETHER = 0.01, 0.001, 2
"""Seconds from a commit until held jobs begin, for the answers go first; and between so many of them and the next."""
KEPT, TIDY = 86_400.0, 600.0
"""Seconds for which a done job stays, so that a replayed record owes it no second time; and between tidyings."""


class Worker:
    """This process's share of the work."""

    def __init__(
        self, queue: Queue, handlers: Mapping[str, Handler], *, at_once: int = 128, every: float = 0.5
    ) -> None:
        """`at_once` jobs run side by side; `every` (seconds) is how often the queue is looked at without a wake."""
        self._queue = queue
        self._handlers = handlers
        self._at_once = at_once
        self._every = every
        self._running: dict[str, asyncio.Task[None]] = {}
        self._held: deque[Job] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ended: list[Ended] = []
        self._woken = asyncio.Event()
        self._look = True  # there may be jobs that nobody has claimed
        self._loops: list[asyncio.Task[None]] = []
        self._backlog: dict[str, int] = {}

    @property
    def backlog(self) -> dict[str, int]:
        """How many jobs of each kind were owed at the last look, for `/metrics`."""
        return self._backlog

    async def start(self) -> None:
        """Begins to work, if there is anything that this process can do."""
        if self._handlers:
            for loop in (self._work, self._keep, self._tidy):
                self._loops.append(asyncio.create_task(loop(), name=f"jobs {loop.__name__}"))

    async def stop(self) -> None:
        """Ends; jobs that run are cancelled and free for others at once."""
        for task in [*self._loops, *self._running.values()]:
            task.cancel()
        loops, self._loops = self._loops, []
        held, self._held = self._held, deque()
        await asyncio.gather(*loops, *self._running.values(), return_exceptions=True)
        self._ended += [Ended(id=job.id, error="The process stopped.", again=time.time()) for job in held]
        with contextlib.suppress(GatewayError, TimeoutError):
            async with asyncio.timeout(5):
                await self._settle()

    def wake(self) -> None:
        """There may be something to do."""
        self._look = True
        self._woken.set()

    def hold(self, job: Job) -> Job:
        """A job that is about to be committed, as ours from the start: nobody has to look for it and claim it.

        The very same job where it has a lane, or comes later, or there is too much to do here.
        """
        now = time.time()
        if job.lane or job.due > now or job.kind not in self._handlers or len(self._held) >= HELD or not self._loops:
            return job
        return structs.replace(job, tries=1, leased_until=now + LEASE)

    def begin(self, jobs: Iterable[Job]) -> None:
        """These jobs, of which some are held, are committed."""
        for job in jobs:
            if job.leased_until is None:
                self.wake()
            elif self._loops:  # else it is too late, and free for others when its lease ends
                self._held.append(job)
        if self._held and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AFTER, self._tick)

    def _tick(self) -> None:
        """Begins a few of the held jobs; what they do at once must not keep answers waiting."""
        self._timer = None
        self._start(TOGETHER)
        if self._held and len(self._running) < self._at_once:
            self._timer = asyncio.get_running_loop().call_later(APART, self._tick)

    def _start(self, most: int = 1) -> None:
        for _ in range(min(most, len(self._held), self._at_once - len(self._running))):
            job = self._held.popleft()
            if job.id not in self._running:
                self._running[job.id] = asyncio.create_task(self._run(job), name=f"job {job.id}")

    async def _work(self) -> None:
        pause = looked = 0.0
        while True:
            try:
                async with asyncio.timeout(max(0.0, looked + self._every - time.monotonic())):
                    await self._woken.wait()
                    await asyncio.sleep(GATHER)
            except TimeoutError:
                self._look = True
            self._woken.clear()
            try:
                await self._settle()
                if self._look:
                    self._look, looked = False, time.monotonic()
                    await self._claim()
                pause = 0.0
            except GatewayError as error:  # the store is away; what ended is settled when it is back
                pause = min(2 * pause or FIRST_PAUSE, LAST_PAUSE)
                log.warning("jobs wait for the store: %s", error.message)
                await asyncio.sleep(pause)

    async def _claim(self) -> None:
        free = self._at_once - len(self._running)
        if free <= 0:
            self._look = True
            return
        jobs = await self._queue.claim([*self._handlers], free, time.time(), LEASE)
        for job in jobs:
            if job.id not in self._running:
                self._running[job.id] = asyncio.create_task(self._run(job), name=f"job {job.id}")
        if len(jobs) == free:
            self.wake()

    async def _run(self, job: Job) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                done = await self._handlers[job.kind](job)
            self._ended.append(Ended(id=job.id, enclosures=tuple(done)))
        except asyncio.CancelledError:
            self._ended.append(Ended(id=job.id, error="The process stopped.", again=time.time()))
            raise
        except Exception as error:
            self._ended.append(_failed(job, error))
        finally:
            del self._running[job.id]
            self._look = self._look or bool(job.lane)  # somebody may wait for it
            self._woken.set()
            if self._timer is None:
                self._start()

    async def _settle(self) -> None:
        ended, self._ended = self._ended, []
        if not ended:
            return
        try:
            await self._queue.settle(ended)
        except BaseException:
            self._ended = ended + self._ended
            raise

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            with contextlib.suppress(GatewayError):
                if ours := [*self._running, *(job.id for job in self._held)]:
                    await self._queue.renew(ours, time.time() + LEASE)

    async def _tidy(self) -> None:
        while True:
            with contextlib.suppress(GatewayError):
                await self._queue.purge(time.time() - KEPT)
                for _ in range(int(TIDY)):
                    self._backlog = await self._queue.waiting()
                    await asyncio.sleep(1.0)


def _failed(job: Job, error: Exception) -> Ended:
    sentence = error.message if isinstance(error, GatewayError) else f"{type(error).__name__}: {error}"
    if isinstance(error, TimeoutError):
        sentence = f"It took longer than {DEADLINE:.0f} seconds."
    log.warning("job %s failed at try %d: %s", job.id, job.tries, sentence)
    pause = min(FIRST_PAUSE * 2 ** (job.tries - 1), LAST_PAUSE)
    return Ended(id=job.id, error=sentence[:2000], again=time.time() + pause if job.tries < TRIES else None)

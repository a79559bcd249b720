"""Several processes that serve on one socket, with one engine and one ledger between them.

The parent owns the ground (data directory, socket, engine) and watches; a worker that dies is replaced. Between the
parent and each worker lies one pipe: the worker writes when it is ready, and either end closing tells the other.
"""

import asyncio
import logging
import multiprocessing
import signal
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvloop
from msgspec import structs

from parley.compose import open_house
from parley.process.job import Job
from parley.process.listener import Listener
from parley.process.log import start_log

log = logging.getLogger("parley")

PAUSE = 1.0
"""Seconds before a dead worker is replaced."""
MARGIN = 5.0
"""Seconds beyond the grace after which a worker that does not stop is killed."""


class Workers:
    """The parent's side."""

    def __init__(self, job: Job, count: int, ready: Callable[[], None]) -> None:
        """`ready` is called once, when every worker accepts requests."""
        self._job = job
        self._count = count
        self._ready = ready
        self._waiting = count
        self._living: dict[BaseProcess, Connection] = {}
        self._stopped = asyncio.Event()
        self._all_gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Keeps the workers going until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopped.set)
        with tempfile.TemporaryDirectory(prefix="parley-") as shared:
            self._job = structs.replace(self._job, shared=Path(shared))
            for _ in range(self._count):
                self._start()
            await self._stopped.wait()
            await self._stop()

    def _start(self) -> None:
        if self._stopped.is_set():
            return
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(self._job, theirs), name="parley-worker")
        process.start()
        theirs.close()
        self._living[process] = ours
        self._loop.add_reader(ours.fileno(), self._heard, process, ours)

    def _heard(self, process: BaseProcess, pipe: Connection) -> None:
        try:
            pipe.recv_bytes()
        except (EOFError, OSError):
            self._lost(process, pipe)
            return
        self._waiting -= 1
        if self._waiting == 0:
            self._ready()

    def _lost(self, process: BaseProcess, pipe: Connection) -> None:
        self._loop.remove_reader(pipe.fileno())
        pipe.close()
        del self._living[process]
        if not self._living:
            self._all_gone.set()
        if not self._stopped.is_set():
            log.error("worker %s ended; another one takes its place", process.pid)
            self._loop.call_later(PAUSE, self._start)

    async def _stop(self) -> None:
        self._all_gone.clear()
        for process in self._living:
            process.terminate()
        try:
            async with asyncio.timeout(self._job.settings.server.grace + MARGIN):
                await self._all_gone.wait()
        except TimeoutError:
            log.error("a worker did not stop in its grace; it is killed")
        for process in list(self._living):
            process.kill()


def work(job: Job, pipe: Connection) -> None:
    """A worker's whole life, in a process of its own."""
    start_log()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(job, pipe))
    sys.exit(0)


async def _work(job: Job, pipe: Connection) -> None:
    async with open_house(job.settings, job.admin, job.engine_address, job.shared) as app:
        listener = Listener(app, job.settings.server.grace, lambda: pipe.send_bytes(b"ready"))
        # The parent never writes: readable means that it is gone, even by kill -9.
        asyncio.get_running_loop().add_reader(pipe.fileno(), listener.stop)
        await listener.listen(job.sock)

"""Keeps the engine's process running behind a listening socket that outlives it.

The socket belongs to the supervisor, so a call made while the process starts or restarts waits in the backlog instead
of being refused; a crash ends only the calls that were being served.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field, structs

from parley.engine.settings import EngineSettings

State = Literal["starting", "ready", "restarting", "stopped", "failed"]

YOUNG = 10.0  # seconds; a process that lived longer is restarted at once
SLOWEST = 10.0  # seconds between restarts at most
BACKLOG = 1024
CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV")
"""The environment that the process sees: providers' keys are none of its business."""
ADDED = {
    "GGML_NO_BACKTRACE": "1",  # else a crash starts gdb, if there is one, and waits for it
    # Threads wait for each other many thousand times a second. Sleeping at once halves the speed of an idle machine;
    # spinning as long as OpenMP does by itself (60 times this) makes a busy one ten times slower. Without `active`
    # libgomp hardly spins at all once a second model's threads are there.
    "OMP_WAIT_POLICY": "active",
    "GOMP_SPINCOUNT": "5000",
}
FUTILE = 5  # starts in a row that end in an error before the process is ready; then it is given up
GIVEN_UP = (
    "The engine can not start; the lines above say why. If they name libgomp.so.1, install it (Debian: apt install "
    "libgomp1). Everything else of Parley works."
)

log = logging.getLogger("parley.engine")


class ModelHealth(Struct, frozen=True, kw_only=True):
    """One model, as the process last reported it."""

    state: str  # unloaded, loading, loaded, failed
    reason: str | None = None  # one sentence, when it failed
    context: int | None = None  # tokens per conversation
    slots: int | None = None


class EngineHealth(Struct, frozen=True, kw_only=True):
    """What the supervisor knows of the process."""

    state: State
    pid: int | None
    restarts: int
    models: dict[str, ModelHealth] = field(default_factory=dict)


class Report(Struct, frozen=True):
    """A line that the process writes to stdout: it is ready (`model` empty), or a model changed."""

    model: str = ""
    health: ModelHealth | None = None


class Backoff:
    """How long to wait before the next start: not at all the first time, then 0.2 s doubling while it dies young."""

    def __init__(self) -> None:
        self._wait = 0.0

    def after(self, lived: float) -> float:
        """Seconds to wait after a process that lived so many seconds."""
        if lived >= YOUNG:
            self._wait = 0.0
        wait, self._wait = self._wait, min(SLOWEST, max(0.2, self._wait * 2))
        return wait


class Engine:
    """The engine as the rest of the house sees it: an address, its health, start and stop."""

    def __init__(self, settings: EngineSettings, *, python: str = sys.executable) -> None:
        """Nothing is opened here. `python` runs the process."""
        self._settings = settings
        self._python = python
        self._home: Path | None = None
        self._listener: socket.socket | None = None
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._state: State = "stopped"
        self._restarts = 0
        self._models: dict[str, ModelHealth] = {}
        self._broken: dict[str, str] = {}

    @property
    def address(self) -> str:
        """`unix:/path` of the socket. Raises RuntimeError before `start`."""
        if self._home is None:
            raise RuntimeError("The engine has no address before it is started.")
        return f"unix:{self._home / 'engine'}"

    def health(self) -> EngineHealth:
        """State, process, restarts and models at this moment."""
        running = self._process is not None and self._process.returncode is None
        pid = self._process.pid if self._process is not None and running else None
        return EngineHealth(state=self._state, pid=pid, restarts=self._restarts, models=dict(self._models))

    async def start(self) -> None:
        """Listen and start the process; returns without waiting for a model to load."""
        self._home = Path(tempfile.mkdtemp(prefix="parley-"))  # 0700
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._home / "engine"))
        self._listener.listen(BACKLOG)
        self._state = "starting"
        self._keeper = asyncio.create_task(self._keep(self._listener), name="engine")

    async def stop(self, grace: float) -> None:
        """Stop listening, let running calls finish within `grace` seconds, end the process, remove the directory."""
        if self._keeper is None:
            return
        self._state = "stopped"
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper
        self._keeper = None
        if self._listener is not None:
            self._listener.close()
        if self._process is not None and self._process.returncode is None:
            await end(self._process, grace)
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)

    async def _keep(self, listener: socket.socket) -> None:
        """Start the process, and start it again whenever it ends."""
        backoff, loop, futile = Backoff(), asyncio.get_running_loop(), 0
        while True:
            born = loop.time()
            self._process = process = await self._spawn(listener)
            await self._read(process)
            code = await process.wait()
            futile = futile + 1 if code > 0 and self._state != "ready" else 0
            if futile == FUTILE:
                self._state = "failed"
                listener.close()  # refuses at once what would wait in vain
                log.error(GIVEN_UP)
                return
            self._state = "restarting"
            self._restarts += 1
            self._blame(-code)
            self._models = {}
            wait = backoff.after(loop.time() - born)
            log.warning("The engine's process ended (%s); it is started again in %.1f s.", code, wait)
            await asyncio.sleep(wait)

    def _blame(self, ended_by: int) -> None:
        """A model that crashed the process while it was loaded is not loaded again: the others must live."""
        if ended_by in CRASHES:
            for name, model in self._models.items():
                if model.state == "loading":
                    self._broken[name] = f"llama.cpp crashed while it loaded the model {name}; its file is damaged."

    async def _spawn(self, listener: socket.socket) -> Process:
        """A new process with the socket and its settings; its own session, so Ctrl-C in a terminal spares it."""
        descriptor = listener.fileno()
        process = await asyncio.create_subprocess_exec(
            self._python,
            *("-P", "-m", "parley.engine", "--fd", str(descriptor)),
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(descriptor,),
            env={name: os.environ[name] for name in KEPT if name in os.environ} | ADDED,
            start_new_session=True,
        )
        if process.stdin is not None:
            process.stdin.write(msgspec.json.encode(structs.replace(self._settings, broken=self._broken)) + b"\n")
        return process

    async def _read(self, process: Process) -> None:
        """Take in the reports of the process until it closes its stdout."""
        if process.stdout is None:
            return
        while line := await process.stdout.readline():
            try:
                report = msgspec.json.decode(line, type=Report)
            except msgspec.DecodeError:
                continue  # something that llama.cpp printed
            if report.health is not None:
                self._models[report.model] = report.health
            self._state = "ready"


async def end(process: Process, grace: float) -> None:
    """SIGTERM, then SIGKILL after `grace` seconds and two more."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), grace + 2)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

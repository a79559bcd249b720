"""Runs the application on the socket that the supervisor made, until SIGTERM and a period of grace."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
import uvloop

from parley.engine.process.app import App
from parley.engine.process.models import Models
from parley.engine.process.routes import routes
from parley.engine.settings import EngineSettings

KEEP_ALIVE = 75  # seconds; longer than the gateway keeps an idle connection


class Listener(uvicorn.Server):
    """uvicorn without its own signal handling: it would end the process before we have tidied up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `run`."""
        yield


def serve(settings: EngineSettings, listener: socket.socket) -> None:
    """Serve until SIGTERM; running calls get `settings.grace` seconds."""
    uvloop.run(run(settings, listener))


async def run(settings: EngineSettings, listener: socket.socket) -> None:
    """The process's one task: models in the background, requests in front."""
    models = Models(settings)
    config = uvicorn.Config(
        App(models, routes(), settings.max_body),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=max(1, round(settings.grace)),
    )
    server = Listener(config)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: setattr(server, "should_exit", True))
    models.start()
    sys.stdout.buffer.write(b"{}\n")
    sys.stdout.buffer.flush()
    idle = asyncio.create_task(models.unload_idle(), name="idle")
    try:
        await server.serve(sockets=[listener])
    finally:
        idle.cancel()

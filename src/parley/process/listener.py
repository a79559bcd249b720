"""uvicorn, as Parley runs it: our connection class, our socket, our word when it is ready, our way to stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable

import uvicorn
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol as WebSocket

from parley.server.asgi import App
from parley.server.connection import Connection

LARGEST_MESSAGE = 1 << 16
"""Bytes of a WebSocket's message; nobody has anything to say there but pings."""
KEEP_ALIVE = 75
"""Seconds that an idle client connection is kept; longer than most load balancers', so that they close first."""


class Listener(uvicorn.Server):
    """A uvicorn server that says when it accepts requests and ends in peace at SIGTERM and SIGINT."""

    def __init__(self, app: App, grace: float, ready: Callable[[], None]) -> None:
        """`grace` is the seconds that running requests get; `ready` is called once."""
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                ws=WebSocket,
                ws_max_size=LARGEST_MESSAGE,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=max(1, round(grace)),
            )
        )
        self._ready = ready

    async def listen(self, sock: socket.socket) -> None:
        """Serves on `sock` until told to stop; a second signal does not wait for running requests."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await self._serve([sock])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept, then says so."""
        await super().startup(sockets)
        _spare_the_collector()
        self._ready()

    def stop(self) -> None:
        """Accepts no more, lets what runs finish within its grace."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _spare_the_collector() -> None:
    """Takes all that was made until now out of the garbage collector's sight: it stays as long as the process.

    Looking through the modules and tables again and again costs a tenth of the CPU time and pauses of up to 50 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

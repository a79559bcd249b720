"""The push channel of Maitai's client: a WebSocket on which it is told that some configuration has changed.

The client takes `event_data` of null as the word to fetch everything anew (maitai-python 1.2.34, seen 2026-11), so that
what it holds is always what `GET /config/init_sdk` says. It sends nothing but pings. The key stands in the address,
which is the client's doing: it is neither logged nor kept.
"""

import asyncio

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from parley.accounts.keys import Keyring
from parley.core.errors import GatewayError

CHANGED = '{"event_type":"APPLICATION_CONFIG_CHANGE","event_data":"null"}'
MOST = 1024
"""Channels that are open at once in one worker."""
PATIENCE = 5.0
"""Seconds that a client has to take a message."""
POLICY, TRY_LATER = 1008, 1013


class ConfigPush:
    """The open channels of this worker."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._open: set[WebSocket] = set()

    def routes(self) -> list[WebSocketRoute]:
        """The one path."""
        return [WebSocketRoute("/ws", self._listen)]

    async def changed(self) -> None:
        """Tells everybody that some configuration has changed; who does not listen is let go."""
        await asyncio.gather(*(self._tell(socket) for socket in list(self._open)))

    async def _listen(self, socket: WebSocket) -> None:
        try:
            self._keyring.find(socket.query_params.get("api_key", "").encode())
        except GatewayError:
            await socket.close(POLICY)  # before it is accepted: the handshake is answered with 403
            return
        if len(self._open) >= MOST:
            await socket.close(TRY_LATER)
            return
        await socket.accept()
        self._open.add(socket)
        try:
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, KeyError):
            pass
        finally:
            self._open.discard(socket)

    async def _tell(self, socket: WebSocket) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await socket.send_text(CHANGED)
        except (TimeoutError, RuntimeError, OSError):
            self._open.discard(socket)

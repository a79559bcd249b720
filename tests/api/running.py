"""A management API on a real socket: Starlette and uvicorn in a thread, a bare door, and the store that is given."""

import asyncio
import http.client
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.accounts.keys import Keyring
from parley.core.errors import GatewayError

Open = Callable[[], Awaitable[tuple[list[BaseRoute], Keyring, Callable[[], Awaitable[None]]]]]


class Running:
    """A server in a thread, from `with` to its end."""

    def __init__(self, open_house: Open) -> None:
        """`open_house` is awaited on the server's loop and answers the routes, the keyring and what closes it all."""
        self._open = open_house
        self._server: uvicorn.Server | None = None
        self._failed: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.port = 0
        self.loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> "Running":
        self._thread.start()
        assert self._ready.wait(30)
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(30)

    def run(self, work: Awaitable[Any]) -> Any:
        """Awaits `work` on the server's loop."""

        async def one() -> Any:
            return await work

        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(one(), self.loop).result(30)

    async def _serve(self) -> None:
        try:
            self.loop = asyncio.get_running_loop()
            routes, keyring, close = await self._open()
            app = _Door(Starlette(routes=routes, exception_handlers={GatewayError: _page}), keyring)
            config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off")
            self._server = uvicorn.Server(config)
            self._server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
            serving = asyncio.create_task(self._server.serve())
            while not self._server.started:
                await asyncio.sleep(0.005)
            self.port = self._server.servers[0].sockets[0].getsockname()[1]
        except BaseException as e:
            self._failed = e
            raise
        finally:
            self._ready.set()
        await serving
        await close()


class _Door:
    def __init__(self, app: Any, keyring: Keyring) -> None:
        self._app, self._keyring = app, keyring

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        secret = dict(scope["headers"]).get(b"authorization", b"").removeprefix(b"Bearer ")
        try:
            scope["parley.caller"] = self._keyring.find(secret)
        except GatewayError as e:
            await (await _page(None, e))(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _page(_: Request | None, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    facts = {"message": error.message, "type": error.type, "param": error.param, "code": error.code}
    return Response(json.dumps({"error": facts}), error.status, media_type="application/json")


class Answer:
    """What came back."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        """The error that the body tells of."""
        return self.json["error"]


class Client:
    """Asks the API over a socket."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key

    def __call__(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, data, {"authorization": f"Bearer {self.key}", **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()

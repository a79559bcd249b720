"""The ASGI application: calls go straight to `Calls`, everything else to Starlette behind the same door."""

import asyncio
import gc
from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from parley.accounts.keys import Keyring
from parley.core.errors import CLIENT_LEFT, BadRequest, GatewayError, Internal, MethodNotAllowed, NotFound
from parley.server.asgi import App, Message, Receive, Scope, Send
from parley.server.calls import id_headers
from parley.server.door import authenticate, trace
from parley.server.errors import error_headers
from parley.server.log import log_fault
from parley.server.scale import error_page
from parley.server.surfaces import Surfaces
from parley.wire.ids import new_id

OPEN = ("/health/", "/metrics", "/openapi.json")
"""Paths that need no key."""


class Pages:
    """Everything but calls: some routes at once, the rest once they are made, in a thread, the first time or soon."""

    def __init__(self, first: Sequence[BaseRoute], rest: Callable[[], Sequence[BaseRoute]]) -> None:
        """`rest` makes routes, and may take some time."""
        self._first, self._rest = list(first), rest
        self._at_once = _starlette(self._first)
        self._whole: Starlette | None = None
        self._lock = asyncio.Lock()
        self._loading: asyncio.Task[None] | None = None

    def load_in(self, seconds: float) -> None:
        """Makes the rest in so many seconds, unless somebody needs it before."""
        self._loading = asyncio.create_task(self._load_later(seconds), name="pages")

    def close(self) -> None:
        """Makes nothing any more."""
        if self._loading is not None:
            self._loading.cancel()

    async def at(self, scope: Scope) -> Starlette:
        """The application that answers this request."""
        if self._whole is None and any(route.matches(scope)[0] is Match.FULL for route in self._first):
            return self._at_once
        return self._whole or await self._load()

    async def _load_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._load()

    async def _load(self) -> Starlette:
        async with self._lock:
            if self._whole is None:
                self._whole = _starlette([*self._first, *await asyncio.to_thread(self._rest)])
                gc.freeze()  # its many objects stay as long as the process: the collector need not look through them
            return self._whole


def _starlette(routes: Sequence[BaseRoute]) -> Starlette:
    return Starlette(routes=routes, exception_handlers=_handlers())


def make_app(calls: App, pages: Pages, keyring: Keyring, surfaces: Surfaces) -> App:
    """The whole application."""
    rest = _Rest(pages, keyring, surfaces)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and surfaces.has(scope["path"]):
            await calls(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


class _Rest:
    """Everything but calls: gives each request its ids, and asks for a key before any route is looked up."""

    def __init__(self, pages: Pages, keyring: Keyring, surfaces: Surfaces) -> None:
        self._pages = pages
        self._surfaces = surfaces
        self._keyring = keyring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            app = await self._pages.at(scope)
            await app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        id = new_id("req")
        ids = id_headers(id, trace(headers, id))

        async def send_with_ids(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *ids]
            await send(message)

        try:
            if not scope["path"].startswith(OPEN):
                scope["parley.caller"] = authenticate(headers, self._keyring, "inference")
            if self._surfaces.has(scope["path"]):
                page = _page(MethodNotAllowed(f"{scope['path']} takes POST."), scope["path"])
                page.headers["allow"] = "POST"
                await page(scope, receive, send_with_ids)
                return
            app = await self._pages.at(scope)
            await app(scope, receive, send_with_ids)
        except GatewayError as error:
            await _page(error, scope["path"])(scope, receive, send_with_ids)
        except asyncio.CancelledError as error:
            if error.args[:1] != (CLIENT_LEFT,):  # as clients leave a stream of events: there is nobody to tell
                raise
        except Exception as error:
            log_fault(scope["path"], error)  # Starlette has sent the page, and raises so that a server may log


def _page(error: GatewayError, path: str) -> Response:
    response = Response(error_page(error, path), error.status, media_type="application/json")
    response.raw_headers.extend(error_headers(error))
    return response


def _handlers() -> dict[Any, Any]:
    async def known(request: Request, error: GatewayError) -> Response:
        return _page(error, request.url.path)

    async def http(request: Request, error: HTTPException) -> Response:
        path = request.url.path
        kinds = {
            404: NotFound(f"There is nothing at {path}."),
            405: MethodNotAllowed(f"{path} does not take this method."),
        }
        page = _page(kinds.get(error.status_code, BadRequest(str(error.detail), status=error.status_code)), path)
        for name, value in (error.headers or {}).items():
            page.headers[name] = value
        return page

    async def unknown(request: Request, error: Exception) -> Response:
        return _page(Internal("Something went wrong inside Parley; its log tells more."), request.url.path)

    return {GatewayError: known, HTTPException: http, Exception: unknown}

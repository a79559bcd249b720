"""The ASGI application: calls go straight to `Calls`, everything else to Starlette behind the same door."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.accounts.keys import Keyring
from parley.core.errors import BadRequest, GatewayError, Internal, MethodNotAllowed, NotFound
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


def make_app(calls: App, routes: Sequence[BaseRoute], keyring: Keyring, surfaces: Surfaces) -> App:
    """The whole application."""
    rest = _Rest(Starlette(routes=list(routes), exception_handlers=_handlers()), keyring, surfaces)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and surfaces.has(scope["path"]):
            await calls(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


class _Rest:
    """Everything but calls: gives each request its ids, and asks for a key before any route is looked up."""

    def __init__(self, app: Starlette, keyring: Keyring, surfaces: Surfaces) -> None:
        self._app = app
        self._surfaces = surfaces
        self._keyring = keyring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
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
            await self._app(scope, receive, send_with_ids)
        except GatewayError as error:
            await _page(error, scope["path"])(scope, receive, send_with_ids)
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

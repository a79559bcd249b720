"""The ASGI application: finds the route, reads the body, sends the answer, and stops working when the client leaves."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import msgspec

from parley.core.errors import GatewayError, Internal, MethodNotAllowed, NotFound, TooLarge
from parley.engine.process.models import Models

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = bytes | AsyncGenerator[bytes, None]
Route = Callable[[Models, bytes], Awaitable[Answer]]

JSON = (b"content-type", b"application/json")
STREAM = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]

log = logging.getLogger("parley.engine")


class Left(Exception):
    """The client is gone."""


class App:
    """Routes by method and path."""

    def __init__(self, models: Models, routes: dict[tuple[str, str], Route], max_body: int) -> None:
        """`max_body` is in bytes."""
        self._models, self._routes, self._max_body = models, routes, max_body

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request. The answer is cancelled as soon as the client has left."""
        if scope["type"] != "http":
            return
        work = asyncio.create_task(self._answer(scope, receive, send))
        try:
            await work
        except Left:
            pass
        finally:
            work.cancel()

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        reply = Reply(send)
        try:
            route = self._route(scope["method"], scope["path"])
            body = await read_body(receive, self._max_body)
            answering = asyncio.create_task(reply.send(route, self._models, body))
            leaving = asyncio.create_task(disconnected(receive))
            try:
                await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                leaving.cancel()
                if not answering.done():
                    answering.cancel()
                await asyncio.gather(answering, leaving, return_exceptions=True)
            if not answering.cancelled():
                answering.result()
        except GatewayError as error:
            await reply.fail(error)
        except Left:
            pass
        except Exception as error:
            log.error("%s while answering %s: %s", type(error).__name__, scope["path"], error)
            await reply.fail(Internal("The engine could not answer; its log says why."))

    def _route(self, method: str, path: str) -> Route:
        route = self._routes.get((method, path))
        if route is not None:
            return route
        if any(known == path for _, known in self._routes):
            raise MethodNotAllowed(f"{path} does not take {method}.")
        raise NotFound(f"There is no {path} here.")


class Reply:
    """The answer on its way: whole, streamed, or an error, whichever the state of the response allows."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False

    async def send(self, route: Route, models: Models, body: bytes) -> None:
        """Run the route and send what it answers; a stream's head goes out with its first piece."""
        answer = await route(models, body)
        if isinstance(answer, bytes):
            await self._whole(200, answer, [])
            return
        async with aclosing(answer) as pieces:
            async for piece in pieces:
                if not self._started:
                    self._started = True
                    await self._send({"type": "http.response.start", "status": 200, "headers": STREAM})
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def fail(self, error: GatewayError) -> None:
        """An error response, or, in a stream that has begun, an error event and no `[DONE]`."""
        words = {"message": error.message, "type": error.type, "param": error.param, "code": error.code}
        body = msgspec.json.encode({"error": words})
        if self._started:
            await self._send({"type": "http.response.body", "body": b"data: " + body + b"\n\n"})
            return
        extra = [(b"retry-after", error.retry_after.encode())] if error.retry_after else []
        await self._whole(error.status, body, extra)

    async def _whole(self, status: int, body: bytes, extra: list[tuple[bytes, bytes]]) -> None:
        headers = [JSON, (b"content-length", str(len(body)).encode()), *extra]
        self._started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooLarge, or Left if the client went away before its end."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        pieces.append(piece)
        if not message.get("more_body"):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def disconnected(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass

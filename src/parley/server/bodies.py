"""Reads a request's body, within its size; its time is kept by the connection."""

from parley.core.errors import TooLarge
from parley.server.asgi import Receive, Scope


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooLarge past `limit` bytes, before reading where its length is announced."""
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:
            raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    size = len(body)
    _check(size, limit)
    if not message.get("more_body"):
        return body
    parts = [body]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        _check(size, limit)
    return b"".join(parts)


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes, which is what `server.max_body` allows.")

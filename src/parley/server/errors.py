"""Error pages: one body for every client of the union surface, the fitting status, never a stack trace."""

from collections.abc import Callable

from parley.core.error_shape import error_body
from parley.core.errors import GatewayError
from parley.server.asgi import Header, Send


def error_headers(error: GatewayError) -> list[Header]:
    """Headers that belong to `error`."""
    headers = []
    if error.retry_after is not None:
        headers.append((b"retry-after", error.retry_after.encode("latin-1", "replace")))
    if error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return headers


async def send_error(
    send: Send, error: GatewayError, headers: list[Header], write: Callable[[GatewayError], bytes] = error_body
) -> None:
    """Answers a request that has had no byte of an answer yet; `write` is the dialect's error body."""
    body = write(error)
    start = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *error_headers(error),
        *headers,
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": start})
    await send({"type": "http.response.body", "body": body})

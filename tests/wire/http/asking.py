"""Shortens what every socket test says: ask this upstream, read all of it."""

from parley.wire.http import HttpClient, HttpRequest, HttpResponse, Timeouts, Url
from tests.scripted import Upstream

PATIENT = Timeouts(connect=5, first_byte=5, idle=5, total=10)


def request(upstream: Upstream, *, method: str = "POST", target: str = "/x", body: bytes = b"{}") -> HttpRequest:
    """A small request to `upstream`."""
    return HttpRequest(method, Url.parse(upstream.url), target, [], body)


async def ask(client: HttpClient, upstream: Upstream, timeouts: Timeouts = PATIENT) -> HttpResponse:
    """The answer to a small request."""
    return await client.send(request(upstream), timeouts)


async def ask_all(client: HttpClient, upstream: Upstream, timeouts: Timeouts = PATIENT) -> bytes:
    """The whole body of the answer to a small request."""
    response = await ask(client, upstream, timeouts)
    return await response.read(1 << 20)


async def chunks(response: HttpResponse) -> list[bytes]:
    """The body in the pieces that it is given in."""
    got: list[bytes] = []
    while (piece := await response.next_chunk()) is not None:
        got.append(piece)
    return got

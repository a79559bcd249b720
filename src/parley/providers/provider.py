"""What an upstream must offer: pure translation, no I/O. The caller (`caller.py`) does the rest."""

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from parley.core.call import Call
from parley.core.errors import GatewayError
from parley.core.reply import Event, Reply
from parley.core.route import Target
from parley.wire.http import HttpRequest, Timeouts


class EventReader(Protocol):
    """Turns an upstream's stream of bytes into events; does no I/O."""

    done: bool

    def feed(self, data: bytes) -> list[Event]:
        """The events that are whole now. Raises UpstreamError where the upstream reports one or talks nonsense."""

    def flush(self) -> list[Event]:
        """The rest, at the end of the bytes. Raises UpstreamCut if the answer is not complete."""


class Provider(Protocol):
    """An upstream at an address, with a key."""

    name: str
    timeouts: Timeouts

    def prepare(self, call: Call, target: Target) -> HttpRequest:
        """The request that asks `target`. Raises BadRequest where this provider has no way to say what is asked."""

    def reader(self, call: Call) -> EventReader:
        """A reader for one streamed reply to `call`."""

    def read(self, call: Call, body: bytes) -> Reply:
        """A whole reply. Raises UpstreamGarbled where it is none."""

    def explain(self, status: int, body: bytes) -> GatewayError:
        """What an answer with an error status means."""


Send = Callable[[HttpRequest], Awaitable[tuple[int, bytes]]]
"""Asks for what a request needs before it can be sent: the status and the body of a short answer."""


@runtime_checkable
class Authorised(Provider, Protocol):
    """A provider whose requests need a token or a signature of their own, which may need a round trip."""

    async def authorise(self, request: HttpRequest, send: Send, deadline: float) -> HttpRequest:
        """The request as it may be sent, by `deadline` (loop time). Raises UpstreamError where it can not be had."""

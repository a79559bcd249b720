"""What an upstream must offer: pure translation, no I/O. The caller (`caller.py`) does the rest."""

from typing import Protocol

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

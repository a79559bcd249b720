"""What the hallway needs of the house, and what it hands back to the door."""

from collections.abc import AsyncGenerator, Awaitable, Mapping
from typing import Protocol

from msgspec import Struct

from parley.accounts.applications import Registry
from parley.accounts.prices import Prices
from parley.core.record import Record
from parley.core.reply import Event, Reply
from parley.core.route import Target
from parley.providers.caller import Upstream
from parley.routing.catalog import Catalog

Events = AsyncGenerator[list[Event], None]
"""A streamed reply: each item is what one read from the network brought."""


class Ledger(Protocol):
    """The books."""

    def put(self, record: Record) -> Awaitable[None]:
        """Takes the record at once; the awaitable is done when it is committed."""


class Meter(Protocol):
    """The counters that `/metrics` shows."""

    def count(self, record: Record) -> None:
        """Counts one ended request."""


class Answer(Struct, frozen=True, kw_only=True):
    """An answer on its way to the door: whole (`reply`) or streamed (`events`), never both."""

    target: Target
    reply: Reply | None = None
    events: Events | None = None
    fallback_reason: str | None = None
    cache: str = "DISABLED"


class House(Struct, frozen=True, kw_only=True):
    """The rooms, as the hallway sees them."""

    applications: Registry
    catalog: Catalog
    upstreams: Mapping[str, Upstream]
    ledger: Ledger
    prices: Prices
    meter: Meter
    keep_content: bool = True

"""How an attempt ended, in the terms that routing decides by.

Parley answers 502 and 504 where Portkey says 500 and 408 (its gateway, 2026-01-12, for a connection refused and a
timeout). A config written for Portkey lists its numbers, so such an outcome goes by both.
"""

from collections.abc import Container

from msgspec import Struct

from parley.core.errors import (
    CallerError,
    GatewayError,
    Internal,
    UpstreamCut,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamTimedOut,
    UpstreamUnreachable,
)
from parley.routing.retry_after import parse_retry_after

TARGETS_OWN = frozenset({408, 429, *range(500, 600)})
"""Statuses that speak against a target's health; other refusals speak of the request or the key."""


class Outcome(Struct, frozen=True, kw_only=True):
    """One attempt's end. `status` is what the client would see; `retry_after` in seconds from then."""

    status: int
    alias: int | None = None
    retry_after: float | None = None
    transport: bool = False
    final: bool = False  # a fault of the house: nobody else is asked

    @property
    def answered(self) -> bool:
        """Whether it was an answer."""
        return self.status < 300

    @property
    def blames_target(self) -> bool:
        """Whether it counts against the target's health."""
        return self.transport or (self.status in TARGETS_OWN and not self.final)

    def among(self, codes: Container[int]) -> bool:
        """Whether its status, under either number, is one of `codes`."""
        return self.status in codes or (self.alias is not None and self.alias in codes)


ANSWERED = Outcome(status=200)


def outcome_of(error: GatewayError, clock: float) -> Outcome:
    """What routing makes of an error that an attempt raised at `clock` (seconds since 1970)."""
    patience = parse_retry_after(error.retry_after, clock)
    alias, transport = _KINDS.get(type(error), (None, False))
    if isinstance(error, CallerError | UpstreamRefused):  # also what a provider's `prepare` can not express
        return Outcome(status=error.status, retry_after=patience)
    final = isinstance(error, Internal)
    return Outcome(status=error.status, alias=alias, retry_after=patience, transport=transport, final=final)


_KINDS: dict[type[GatewayError], tuple[int | None, bool]] = {
    UpstreamUnreachable: (500, True),
    UpstreamTimedOut: (408, True),
    UpstreamCut: (500, True),
    UpstreamGarbled: (500, True),
}

"""The health of every target that was asked: its circuit, latency and concurrency limit, and why it is passed over.

An attempt takes a `Permit` before it asks and tells it how things went; everything else is worked out here. Nothing
is probed in the background: calls show how a target does, and a call that finds it failing goes on to the next one.
"""

import random
from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from parley.routing.breaker import Breaker, BreakerRule, State
from parley.routing.concurrency import Limit, LimitRule
from parley.routing.latency import Latency
from parley.routing.outcome import Outcome
from parley.routing.outliers import Standing, outliers
from parley.routing.retry_after import LONGEST

Reason = Literal["open", "cooling", "full", "packed"]
"""Why a target is passed over: its circuit is open, it asked for patience, it slows down under so many calls (a limit
that may be overstepped where there is no other target), it has as many calls as it may have (one that may not)."""

OVERLOAD = frozenset({408, 429, 503, 504, 529})


class Shown(Struct, frozen=True, kw_only=True):
    """A target's health, for `/api/models` and metrics. Times in seconds."""

    name: str
    circuit: State
    failure_rate: float
    calls: int
    latency: float
    in_flight: int
    limit: int
    cooling: float


class Vitals:
    """What is known of one target."""

    def __init__(self, breaker: Breaker, limit: Limit) -> None:
        self.breaker = breaker
        self.limit = limit
        self.latency = Latency()
        self.cool_until = 0.0

    def why_not(self, now: float) -> Reason | None:
        """Why a call may not go there now; `None`: it may."""
        if not self.breaker.passes(now):
            return "open"
        if now < self.cool_until:
            return "cooling"
        if self.limit.packed():
            return "packed"
        return "full" if self.limit.full() else None

    def standing(self, now: float) -> Standing:
        """How it did, for comparison with its peers."""
        rate, calls = self.breaker.failure_rate(now)
        best = self.limit.baseline
        expected = self.latency.now(now, best)
        return Standing(failure_rate=rate, calls=calls, slowdown=expected / best if 0 < best <= expected else 1.0)


class Permit:
    """One attempt's leave to ask a target. `close` must be called, however the attempt ends."""

    def __init__(self, vitals: Vitals, ticket: int, now: float) -> None:
        self._vitals = vitals
        self._ticket = ticket
        self._began = now
        self._told = self._closed = False
        vitals.limit.enter()

    def answered(self, now: float) -> None:
        """The first token (or a whole reply) is there."""
        if self._told:
            return
        self._told = True
        latency = max(now - self._began, 0.0)
        self._vitals.latency.observe(latency, now)
        self._vitals.limit.answered(latency, now)
        self._vitals.breaker.succeed(self._ticket, now)

    def failed(self, outcome: Outcome, now: float) -> None:
        """The attempt failed, also after its first token."""
        if outcome.status == 429 and outcome.retry_after:
            self._vitals.cool_until = max(self._vitals.cool_until, now + min(outcome.retry_after, LONGEST))
        if outcome.among(OVERLOAD):
            self._vitals.limit.overloaded()
        if not outcome.blames_target:
            return
        if not self._told:
            self._vitals.latency.observe(max(now - self._began, self._vitals.latency.now(now, 0.0)), now)
            self._told = True
        self._vitals.breaker.fail(self._ticket, now)

    def close(self) -> None:
        """The attempt is over. One that told nothing (the client left, the request was at fault) counts for nothing."""
        if self._closed:
            return
        self._closed = True
        self._vitals.limit.leave()
        if not self._told:
            self._vitals.breaker.leave(self._ticket)


class Health:
    """The vitals of all targets, by `plan.identity`; idle ones are forgotten beyond `most`."""

    def __init__(
        self,
        rng: random.Random,
        breaker: BreakerRule | None = None,
        limit: LimitRule | None = None,
        most: int = 4096,
    ) -> None:
        self._rng = rng
        self._breaker = breaker or BreakerRule()
        self._limit = limit or LimitRule()
        self._most = most
        self._known: OrderedDict[str, Vitals] = OrderedDict()

    def why_not(self, name: str, now: float) -> Reason | None:
        """Why a call may not go to `name` now; `None`: it may."""
        known = self._known.get(name)
        return known.why_not(now) if known else None

    def begin(self, name: str, now: float, *, forced: bool = False) -> Permit | None:
        """Leave to ask `name`; `None`: not now (see `why_not`). Forced: whatever speaks against it but being packed."""
        vitals = self._vitals(name)
        if vitals.limit.packed() or not (forced or vitals.why_not(now) is None):
            return None
        ticket = vitals.breaker.enter(now)
        if ticket is None and forced:
            ticket = vitals.breaker.force()
        return None if ticket is None else Permit(vitals, ticket, now)

    def load(self, name: str, now: float) -> float:
        """The wait that one more call to `name` may expect, in seconds; 0 for a target that nobody knows yet."""
        known = self._known.get(name)
        if known is None:
            return 0.0
        return (known.latency.now(now, known.limit.baseline) or 1e-3) * (known.limit.in_flight + 1)

    def outliers(self, names: Iterable[str], now: float) -> frozenset[str]:
        """Those of `names` that do clearly worse than the others."""
        known = {name: self._known[name].standing(now) for name in names if name in self._known}
        return outliers(known) if len(known) > 1 else frozenset()

    def shown(self, now: float) -> list[Shown]:
        """Every target's health, for display."""
        return [_shown(name, vitals, now) for name, vitals in self._known.items()]

    def _vitals(self, name: str) -> Vitals:
        vitals = self._known.get(name)
        if vitals is None:
            vitals = self._known[name] = Vitals(Breaker(self._breaker, self._rng), Limit(self._limit))
            self._forget()
        self._known.move_to_end(name)
        return vitals

    def _forget(self) -> None:
        over = len(self._known) - self._most
        idle = [name for name, vitals in self._known.items() if vitals.limit.in_flight == 0] if over > 0 else []
        for name in idle[: max(over, 0)]:
            del self._known[name]


def _shown(name: str, vitals: Vitals, now: float) -> Shown:
    rate, calls = vitals.breaker.failure_rate(now)
    return Shown(
        name=name,
        circuit=vitals.breaker.state(now),
        failure_rate=rate,
        calls=calls,
        latency=vitals.latency.now(now, vitals.limit.baseline),
        in_flight=vitals.limit.in_flight,
        limit=vitals.limit.limit,
        cooling=max(0.0, vitals.cool_until - now),
    )

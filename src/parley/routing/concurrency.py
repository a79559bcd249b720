"""A limit on how many calls one upstream has at once, found from its own latency.

The gradient method (Netflix's concurrency-limits, `Gradient2Limit`, read 2026-10): while calls take about as long as
the quickest of late, the limit may grow by a queue of its square root; when they take longer than `tolerance` times
that, it shrinks in proportion. What an overloaded upstream refuses shrinks it by a tenth. It never goes below
`floor`, so that one slow spell can not starve an upstream, and it only grows while it is used.
"""

import math

from msgspec import Struct


class LimitRule(Struct, frozen=True, kw_only=True):
    """The bounds of a limit; `window` in seconds is how long the quickest call is remembered."""

    floor: int = 16
    start: int = 128
    most: int = 1024
    tolerance: float = 2.0
    window: float = 30.0
    smoothing: float = 0.2


class Limit:
    """The limit of one upstream and how much of it is in use."""

    def __init__(self, rule: LimitRule) -> None:
        self._rule = rule
        self._limit = float(rule.start)
        self._quickest = math.inf
        self._quickest_now = math.inf
        self._turned = 0.0
        self.in_flight = 0

    @property
    def limit(self) -> int:
        """Calls that may be under way at once."""
        return int(self._limit)

    @property
    def baseline(self) -> float:
        """Seconds of the quickest call of late; infinite before the first."""
        return min(self._quickest, self._quickest_now)

    def full(self) -> bool:
        """Whether another call had better go elsewhere."""
        return self.in_flight >= self.limit

    def packed(self) -> bool:
        """Whether it has as many calls as it may ever have."""
        return self.in_flight >= self._rule.most

    def enter(self) -> None:
        """A call begins; it is the caller's to ask `full` first."""
        self.in_flight += 1

    def leave(self) -> None:
        """A call ended, however."""
        self.in_flight -= 1

    def answered(self, latency: float, now: float) -> None:
        """A call took `latency` seconds to its first token."""
        self._remember(latency, now)
        gradient = max(0.5, min(1.0, self._rule.tolerance * self.baseline / latency)) if latency > 0 else 1.0
        wanted = self._limit * gradient + math.sqrt(self._limit)
        if wanted > self._limit and self.in_flight < self._limit / 2:
            return
        self._set(self._limit + self._rule.smoothing * (wanted - self._limit))

    def overloaded(self) -> None:
        """A call was refused for load, or timed out."""
        self._set(self._limit * 0.9)

    def _set(self, limit: float) -> None:
        self._limit = max(float(self._rule.floor), min(float(self._rule.most), limit))

    def _remember(self, latency: float, now: float) -> None:
        if now - self._turned >= self._rule.window:
            self._quickest, self._quickest_now, self._turned = self._quickest_now, math.inf, now
        self._quickest_now = min(self._quickest_now, latency)

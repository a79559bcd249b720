"""A target's latency of late: an average that follows a rise at once and forgets it with time (peak EWMA).

A rise is believed at once and a fall slowly (Finagle's `PeakEwma`), because sending to a target that became slow costs
more than sparing one that became quick. Without new calls the average fades towards the quickest call of late, so a
target that is not asked any more is tried again.
"""

import math

FADE = 5.0
"""Seconds after which a rise has faded to about a third."""


class Latency:
    """The latency of one target, in seconds."""

    def __init__(self) -> None:
        self._average = 0.0
        self._seen = 0.0
        self.samples = 0

    def observe(self, seconds: float, now: float) -> None:
        """One call took so long to its first token."""
        if self.samples == 0 or seconds > self._average:
            self._average = seconds
        else:
            self._average = seconds + (self._average - seconds) * self._weight(now)
        self._seen = max(now, self._seen)
        self.samples += 1

    def now(self, now: float, quickest: float) -> float:
        """The expected latency; 0 before the first call. `quickest` is what an idle target fades to."""
        if self.samples == 0:
            return 0.0
        rest = min(quickest, self._average)
        return rest + (self._average - rest) * self._weight(now)

    def _weight(self, now: float) -> float:
        return math.exp(-max(now - self._seen, 0.0) / FADE)

"""A circuit breaker: keeps calls away from one target while it fails, and lets single ones through to see.

    closed     everything passes; opens after `consecutive` failures, or when `rate` of a full window failed
    open       nothing passes until a time that grows with every reopening, is jittered and capped
    half-open  `probes` calls at once pass; as many answers close it, one failure opens it again

The cap (1.5 s) is short on purpose: a probe is a real call that falls back when it fails, so it costs little, and a
target that is well again is back within 2 s. Results of calls that began before the last change of state are ignored.
"""

import random
from collections import deque
from typing import Literal

from msgspec import Struct

State = Literal["closed", "open", "half_open"]


class BreakerRule(Struct, frozen=True, kw_only=True):
    """When a circuit opens and for how long; times in seconds."""

    consecutive: int = 5
    rate: float = 0.5
    window: float = 10.0
    full: int = 20  # calls that make a window full
    first_open: float = 0.5
    growth: float = 2.0
    longest_open: float = 1.5
    probes: int = 2


class Breaker:
    """The circuit of one target."""

    def __init__(self, rule: BreakerRule, rng: random.Random) -> None:
        self._rule = rule
        self._rng = rng
        self._state: State = "closed"
        self._era = 0
        self._until = 0.0
        self._open_for = rule.first_open
        self._consecutive = 0
        self._probing = 0
        self._well = 0
        self._window: deque[tuple[float, bool]] = deque(maxlen=500)

    def state(self, now: float) -> State:
        """The state at `now`."""
        return "half_open" if self._state == "open" and now >= self._until else self._state

    def passes(self, now: float) -> bool:
        """Whether a call would be let through now."""
        match self.state(now):
            case "closed":
                return True
            case "open":
                return False
            case "half_open":
                return self._state == "open" or self._probing < self._rule.probes

    def enter(self, now: float) -> int | None:
        """Lets one call through; its ticket goes to `succeed`, `fail` or `leave`, once. `None`: it may not pass."""
        if not self.passes(now):
            return None
        if self._state == "open":
            self._change("half_open")
        if self._state == "half_open":
            self._probing += 1
        return self._era

    def force(self) -> int:
        """A ticket for a call that goes to this target because there is no other left."""
        return -1

    def succeed(self, ticket: int, now: float) -> None:
        """The call was answered. A forced one that is answered while the circuit is open makes it half-open."""
        if ticket == -1 and self._state == "open":
            self._until = min(self._until, now)
            return
        if ticket != self._era:
            return
        if self._state == "half_open":
            self._probing -= 1
            self._well += 1
            if self._well >= self._rule.probes:
                self._open_for = self._rule.first_open
                self._change("closed")
            return
        self._consecutive = 0
        self._window.append((now, True))

    def fail(self, ticket: int, now: float) -> None:
        """The call failed through the target's fault."""
        if ticket != self._era:
            return
        if self._state == "half_open":
            self._open(now)
            return
        self._consecutive += 1
        self._window.append((now, False))
        if self._consecutive >= self._rule.consecutive or self._too_many(now):
            self._open(now)

    def leave(self, ticket: int) -> None:
        """The call ended without saying anything of the target."""
        if ticket == self._era and self._state == "half_open":
            self._probing -= 1

    def failure_rate(self, now: float) -> tuple[float, int]:
        """The part of the window's calls that failed, and how many calls there were."""
        while self._window and self._window[0][0] <= now - self._rule.window:
            self._window.popleft()
        calls = len(self._window)
        return (sum(1 for _, well in self._window if not well) / calls if calls else 0.0), calls

    def _too_many(self, now: float) -> bool:
        rate, calls = self.failure_rate(now)
        return calls >= self._rule.full and rate >= self._rule.rate

    def _open(self, now: float) -> None:
        self._until = now + self._open_for * self._rng.uniform(0.75, 1.0)
        self._open_for = min(self._open_for * self._rule.growth, self._rule.longest_open)
        self._change("open")

    def _change(self, state: State) -> None:
        self._state = state
        self._era += 1
        self._probing = self._well = self._consecutive = 0
        if state == "closed":
            self._window.clear()

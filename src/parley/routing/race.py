"""Two models for one call, as Maitai's `fallback_config` describes them: who starts when, and who wins.

    reactive        the second starts when the first fails, or past the timeout, if there is one; then both run
    timeout         the second starts when the timeout is over, and the first is given up; or when the first fails
    first_response  both start together (with a timeout the second starts after it); the first answer wins

(Maitai's documentation of `fallback_config`, 2026-08; what a failure before the timeout means it does not say: here
nobody waits for the end of a time that can bring nothing any more.) "Answers" means the first token. No I/O and no
clock: each event is told with its time, and what to do comes back as orders.
"""

from typing import Literal

from msgspec import Struct

from parley.core.asks import FallbackConfig
from parley.core.errors import BadRequest

Strategy = Literal["reactive", "timeout", "first_response"]
Runner = Literal["first", "second"]
Order = Literal["start", "cancel", "win", "lose"]
STRATEGIES: tuple[Strategy, ...] = ("reactive", "timeout", "first_response")


class Rule(Struct, frozen=True, kw_only=True):
    """How the two run; `timeout` in seconds."""

    strategy: Strategy = "reactive"
    timeout: float | None = None


class Do(Struct, frozen=True):
    """An order: start or cancel a runner, deliver its answer (`win`), or give up with its error (`lose`)."""

    order: Order
    runner: Runner


def read_rule(config: FallbackConfig | None) -> Rule:
    """The rule of a request. Raises BadRequest for an unknown strategy, or for `timeout` without one."""
    if config is None:
        return Rule()
    strategy = next((one for one in STRATEGIES if one == (config.strategy or "reactive")), None)
    if strategy is None:
        raise BadRequest(
            f"`fallback_config.strategy` must be one of {', '.join(STRATEGIES)}, not `{config.strategy}`.",
            param="fallback_config.strategy",
            code="invalid_value",
        )
    if strategy == "timeout" and config.timeout is None:
        raise BadRequest(
            "`fallback_config.strategy` is `timeout`, so `fallback_config.timeout` must say how many seconds.",
            param="fallback_config.timeout",
            code="missing_required_parameter",
        )
    return Rule(strategy=strategy, timeout=config.timeout)


class Race:
    """One call's race. After every event do what the orders say; `wake_at` is when to call `tick`, if at all."""

    def __init__(self, rule: Rule) -> None:
        self.wake_at: float | None = None
        self.reason: str | None = None
        self._rule = rule
        self._running: set[Runner] = set()
        self._started: set[Runner] = set()
        self._over = False

    def begin(self, now: float) -> list[Do]:
        """The call begins."""
        orders = [self._start("first")]
        if self._rule.timeout is not None:
            self.wake_at = now + self._rule.timeout
        elif self._rule.strategy == "first_response":
            orders.append(self._second("both were asked at once"))
        return orders

    def tick(self, now: float) -> list[Do]:
        """Time has passed."""
        if self._over or self.wake_at is None or now < self.wake_at:
            return []
        orders = [self._second(f"no answer within {self._rule.timeout:g} s")]
        if self._rule.strategy == "timeout" and "first" in self._running:
            self._running.discard("first")
            orders.append(Do("cancel", "first"))
        return orders

    def answered(self, runner: Runner) -> list[Do]:
        """A runner's first token is there: it wins, and the other one is cancelled."""
        if self._over or runner not in self._running:
            return []
        self._over, self.wake_at = True, None
        if runner == "first":
            self.reason = None
        losers = sorted(self._running - {runner})
        self._running.clear()
        return [Do("win", runner), *(Do("cancel", loser) for loser in losers)]

    def failed(self, runner: Runner, why: str) -> list[Do]:
        """A runner failed; `why` is a sentence. With nobody left the race is lost with this runner's error."""
        if self._over or runner not in self._running:
            return []
        self._running.discard(runner)
        if "second" not in self._started:
            return [self._second(why)]
        if self._running:
            return []
        self._over = True
        return [Do("lose", runner)]

    def _start(self, runner: Runner) -> Do:
        self._running.add(runner)
        self._started.add(runner)
        return Do("start", runner)

    def _second(self, reason: str) -> Do:
        self.wake_at = None
        self.reason = reason
        return self._start("second")

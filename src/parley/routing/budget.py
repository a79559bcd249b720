"""The budget for attempts beyond the first: an outage is not amplified, a single failing target is survived.

Every further attempt of a call, retry or fallback, costs one token. Tokens come mostly from answers (as in gRPC's
retry throttling, proposal A6), a few from calls (as in Finagle's retry budget). While calls are answered there is one
for each; when nothing is answered any more, further attempts shrink to `per_call` of the calls, plus what was saved up
(`most`) and the trickle: 200 calls/s without one answer make at most 1.11 attempts per call in a minute.
"""

from collections import OrderedDict

from msgspec import Struct


class BudgetRule(Struct, frozen=True, kw_only=True):
    """How tokens come in and how many are kept."""

    per_call: float = 0.1
    per_answer: float = 1.0
    per_second: float = 0.5
    most: float = 50.0


class Budget:
    """The tokens of one route: calls to a healthy model do not pay for the outage of another."""

    def __init__(self, rule: BudgetRule, now: float) -> None:
        self._rule = rule
        self._tokens = rule.most / 2
        self._seen = now

    def called(self, now: float) -> None:
        """A call begins."""
        self._add(self._rule.per_call, now)

    def answered(self, now: float) -> None:
        """A call was answered."""
        self._add(self._rule.per_answer, now)

    def take(self, now: float) -> bool:
        """Pays for one further attempt; False: there is nothing left."""
        self._add(0.0, now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _add(self, tokens: float, now: float) -> None:
        idle = max(0.0, now - self._seen)
        self._seen = max(now, self._seen)
        self._tokens = min(self._rule.most, self._tokens + tokens + idle * self._rule.per_second)


class Budgets:
    """The budgets by route; those that were not used for longest are forgotten beyond `most`."""

    def __init__(self, rule: BudgetRule | None = None, most: int = 1024) -> None:
        self._rule = rule or BudgetRule()
        self._most = most
        self._kept: OrderedDict[str, Budget] = OrderedDict()

    def of(self, name: str, now: float) -> Budget:
        """The budget of the route `name` (a model's name, a config's slug)."""
        budget = self._kept.get(name)
        if budget is None:
            budget = self._kept[name] = Budget(self._rule, now)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return budget

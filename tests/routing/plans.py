"""Small plans, facts and gates for the tests of routing."""

import random
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from parley.core.route import Target
from parley.routing.budget import Budget, BudgetRule
from parley.routing.health import Reason
from parley.routing.outcome import ANSWERED, Outcome
from parley.routing.plan import Plan, Retry, Single, Terms
from parley.routing.walk import Around, Gate, Walk

BAD = Outcome(status=503)
REFUSED = Outcome(status=400)


class Said(Struct, frozen=True, kw_only=True):
    """Facts as values."""

    path: str = "/v1/chat/completions"
    metadata: Mapping[str, Any] = {}
    params: Mapping[str, Any] = {}
    session_id: str | None = None
    user_id: str | None = None
    tokens: int = 10
    output_tokens: int = 0
    content: frozenset[str] = frozenset({"text"})


class Told:
    """A gate that knows what it was told: reasons and loads by name."""

    def __init__(self, reasons: Mapping[str, Reason] | None = None, loads: Mapping[str, float] | None = None) -> None:
        self.reasons = dict(reasons or {})
        self.loads = dict(loads or {})

    def why_not(self, name: str, now: float) -> Reason | None:
        return self.reasons.get(name)

    def load(self, name: str, now: float) -> float:
        return self.loads.get(name, 1.0)

    def outliers(self, names: list[str], now: float) -> frozenset[str]:
        return frozenset()


def leaf(name: str, attempts: int = 0, **more: Any) -> Single:
    """A leaf that asks the model `name` of the provider `p`: its health goes by `p/name`."""
    target = Target(model=name, provider="p", upstream=name)
    return Single(path=name, target=target, terms=Terms(retry=Retry(attempts=attempts)), **more)


def around(gate: Gate | None = None, seed: int = 1, deadline: float = 1e9, **more: Any) -> Around:
    """Everything open, and a budget that is never used up."""
    budget = more.pop("budget", None) or Budget(BudgetRule(most=1e6, per_call=1e5), 0.0)
    return Around(gate=gate or Told(), budget=budget, rng=random.Random(seed), deadline=deadline, **more)


def asked(plan: Plan, ends: Mapping[str, Outcome] | None = None, facts: Said | None = None, **more: Any) -> list[str]:
    """The models that a call asks, in order, when those in `ends` end so and all others answer."""
    walk = Walk(plan, facts or Said(), around(**more))
    ask = walk.step(None, 0.0)
    found = []
    while ask is not None:
        found.append(ask.target.model)
        outcome = (ends or {}).get(ask.target.model, ANSWERED)
        ask = None if outcome.answered else walk.step(outcome, float(len(found)))
        assert len(found) < 1000
    return found

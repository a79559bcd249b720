"""The walk through a plan: which target is asked next, given how the attempts so far ended.

It does no I/O and knows no clock: each step is told the time. The order of things is Portkey's: a target's own retries
come first, then the nearest fallback around it, then the next one outwards; a load balance keeps to the child that it
drew. A fault of the house ends the walk, as Portkey's `x-portkey-gateway-exception` does.

Ours on top: targets that can not be asked now (`Health`) or whose context is too small are passed over; every attempt
after the first costs a token of the budget; and where the plan has no other left, it is walked again, and those that
were passed over are asked all the same, once: first the merely full ones, then those that fail.
"""

import random
from collections.abc import Callable, Generator
from typing import Literal, Protocol

from msgspec import Struct

from parley.core.errors import BadRequest
from parley.core.route import Target
from parley.routing.budget import Budget
from parley.routing.choice import pick
from parley.routing.facts import Facts
from parley.routing.health import Reason
from parley.routing.outcome import Outcome
from parley.routing.plan import Conditional, Fallback, LoadBalance, Plan, Share, Single, Terms, identity, leaves
from parley.routing.query import holds
from parley.routing.retry import may_retry, wait_before
from parley.routing.tokens import fits

Why = Reason | Literal["too small", "over budget", "too late"]
WORDS: dict[Why, str] = {
    "open": "it has been failing",
    "cooling": "it asked for a pause",
    "full": "it slows down under its load",
    "packed": "it has as many requests as it may have",
    "too small": "the prompt does not fit into its context",
    "over budget": "too many requests are failing for one more attempt",
    "too late": "there is no time left",
}
"""Why a target was passed over, as the rest of a sentence."""
FORGIVEN: tuple[frozenset[Why], ...] = (frozenset(), frozenset({"full"}), frozenset({"full", "open", "cooling"}))
"""What is overlooked the first, second and third time that the plan is walked."""


class Gate(Protocol):
    """What the walk asks of the targets' health."""

    def why_not(self, name: str, now: float) -> Reason | None:
        """Why a call may not go to the target of this name; `None`: it may."""

    def load(self, name: str, now: float) -> float:
        """The wait that one more call may expect there, in seconds."""

    def outliers(self, names: list[str], now: float) -> frozenset[str]:
        """Those of `names` that do clearly worse than the others."""


class Around(Struct, frozen=True, kw_only=True):
    """What a walk needs besides its plan. `deadline` is on the clock that the steps are told."""

    gate: Gate
    budget: Budget
    rng: random.Random
    deadline: float
    context: Callable[[Target], int | None] = lambda target: None


class Ask(Struct, frozen=True, kw_only=True):
    """The next attempt: wait `delay` seconds, then ask `target`, whose health goes by `name`."""

    target: Target
    name: str
    leaf: Single
    delay: float = 0.0
    retry: int = 0  # 0: asked for the first time
    forced: bool = False

    @property
    def terms(self) -> Terms:
        """The conditions under which it is asked."""
        return self.leaf.terms


class Skipped(Struct, frozen=True, kw_only=True):
    """A target that was passed over."""

    path: str
    model: str
    provider: str
    why: Why


Steps = Generator[Ask, Outcome | None, Outcome | None]
"""Yields what to ask, is sent how that ended (`None`: it could not begin); returns the last outcome, if any."""


class Walk:
    """One call's way through a plan whose leaves all have their `target`.

    `step(None, now)` begins; then `step(outcome, now)` after each attempt, with `None` where `Health.begin` refused.
    Raises BadRequest where no condition of a conditional plan holds.
    """

    def __init__(self, plan: Plan, facts: Facts, around: Around) -> None:
        self.skipped: list[Skipped] = []
        self.asked = 0
        self._plan, self._facts, self._around = plan, facts, around
        self._now = 0.0
        self._round = 0
        self._steps: Steps | None = None
        self._ended: dict[int, Outcome] = {}  # by the id of a leaf or branch: what it came to, for later rounds

    def step(self, outcome: Outcome | None, now: float) -> Ask | None:
        """The next attempt; `None` if there is none: the last outcome stands, or nothing could be asked at all."""
        self._now = now
        if self._steps is None:
            self._around.budget.called(now)
            self._steps = self._take(self._plan)
        while self._round < len(FORGIVEN):
            try:
                ask = self._steps.send(outcome)
            except StopIteration:
                outcome = None
                self._round = self._next_round()
                self._steps = self._take(self._plan)
            else:
                self.asked += 1
                return ask
        return None

    def refusal(self) -> str:
        """Why nothing was asked, in one sentence; for when the walk ends without an attempt."""
        parts = dict.fromkeys(f"`{skip.model}`: {WORDS[skip.why]}" for skip in self.skipped)
        return "No model could be asked: " + "; ".join(parts) + "."

    def _next_round(self) -> int:
        """The next round in which something that was passed over would be overlooked."""
        reasons = {skip.why for skip in self.skipped}
        rounds = range(self._round + 1, len(FORGIVEN))
        return next((number for number in rounds if reasons & FORGIVEN[number]), len(FORGIVEN))

    def _take(self, plan: Plan) -> Steps:
        match plan:
            case Single():
                return self._single(plan)
            case Fallback():
                return self._fallback(plan)
            case LoadBalance():
                return self._balance(plan)
            case Conditional():
                return self._take(self._resolved(plan))

    def _single(self, leaf: Single) -> Steps:
        if id(leaf) in self._ended:  # asked in an earlier round
            return self._ended[id(leaf)]
        why = self._why_not(leaf) or self._unpaid()
        if why is not None:
            self._skip(leaf, why)
            return None
        delay, done, retry = 0.0, 0, leaf.terms.retry
        while True:
            outcome = yield self._ask(leaf, delay, done)
            if outcome is None:  # its health changed during the wait
                self.asked -= 1
                self._skip(leaf, self._why_not(leaf) or "open")
                return self._ended.get(id(leaf))
            self._ended[id(leaf)] = outcome
            if not may_retry(retry, done, outcome) or self._round:
                return outcome
            wait = wait_before(retry, done, outcome, self._around.rng)
            if wait is None or self._why_not(leaf, wait) or self._unpaid():
                return outcome
            delay, done = wait, done + 1

    def _fallback(self, plan: Fallback) -> Steps:
        if id(plan) in self._ended:
            return self._ended[id(plan)]
        outcome: Outcome | None = None
        for child in plan.children:
            ended = yield from self._take(child)
            outcome = ended or outcome
            if ended is not None and not _goes_on(ended, plan.on_status_codes):
                self._ended[id(plan)] = ended
                break
        return outcome

    def _balance(self, plan: LoadBalance) -> Steps:
        if id(plan) in self._ended:
            return self._ended[id(plan)]
        outcome: Outcome | None = None
        left = [share for share in plan.shares if share.weight > 0]
        while left:
            share = self._picked(plan, left)
            ended = yield from self._take(share.plan)
            outcome = ended or outcome
            if ended is not None and plan.failover and not _goes_on(ended, plan.on_status_codes):
                self._ended[id(plan)] = ended
                break
            if ended is not None and not plan.failover:
                break
            left.remove(share)
        return outcome

    def _picked(self, plan: LoadBalance, left: list[Share]) -> Share:
        around, now = self._around, self._now
        asked = [share for share in left if any(id(leaf) in self._ended for leaf in leaves(share.plan))]
        if asked:  # in an earlier round: its outcome stands
            return asked[0]
        able = [share for share in left if self._able(share.plan)] or left
        worse = around.gate.outliers([identity(share.plan) for share in able], now)
        good = [share for share in able if identity(share.plan) not in worse] or able
        return pick(plan, good, self._facts, lambda name: around.gate.load(name, now), around.rng)

    def _able(self, plan: Plan) -> bool:
        if isinstance(plan, Conditional):
            return self._able(self._resolved(plan))
        return any(self._why_not(leaf) is None for leaf in leaves(plan))

    def _resolved(self, plan: Conditional) -> Plan:
        for branch in plan.branches:
            if holds(branch.when, self._facts):
                return branch.plan
        if plan.default is not None:
            return plan.default
        raise BadRequest(
            f"No condition of `{plan.path}.strategy` holds for this request, and it names no default.",
            param="x-portkey-config",
            code="no_condition_holds",
        )

    def _ask(self, leaf: Single, delay: float, done: int) -> Ask:
        return Ask(
            target=_target(leaf), name=identity(leaf), leaf=leaf, delay=delay, retry=done, forced=self._round > 0
        )

    def _why_not(self, leaf: Single, wait: float = 0.0) -> Why | None:
        now = self._now + wait
        if now >= self._around.deadline:
            return "too late"
        context = self._around.context(_target(leaf))
        if context is not None and not fits(context, self._facts.tokens, self._facts.output_tokens):
            return "too small"
        why = self._around.gate.why_not(identity(leaf), now)
        return None if why in FORGIVEN[self._round] else why

    def _unpaid(self) -> Why | None:
        return "over budget" if self.asked and not self._around.budget.take(self._now) else None

    def _skip(self, leaf: Single, why: Why) -> None:
        target = _target(leaf)
        self.skipped.append(Skipped(path=leaf.path, model=target.model, provider=target.provider, why=why))


def _goes_on(ended: Outcome, codes: frozenset[int] | None) -> bool:
    """Whether the next child is asked after this: Portkey's rule, in which without codes every failure counts."""
    if ended.final or ended.answered:
        return False
    return codes is None or ended.among(codes)


def _target(leaf: Single) -> Target:
    assert leaf.target is not None, f"{leaf.path} was not resolved"
    return leaf.target

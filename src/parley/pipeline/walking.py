"""One call's walk through its plan: asks what the walk says, until a target answers or none is left."""

import asyncio
import time

from msgspec import structs

from parley.core.call import Call
from parley.core.errors import BadRequest, GatewayError, Overloaded
from parley.core.record import Attempt
from parley.core.reply import Usage
from parley.core.route import Target
from parley.pipeline.asking import ask_once, now
from parley.pipeline.house import Answer, House, Log
from parley.routing.budget import Budget
from parley.routing.outcome import Outcome, outcome_of
from parley.routing.plan import Plan
from parley.routing.tokens import prompt_tokens
from parley.routing.walk import WORDS, Ask

GIVEN_UP = "given up: "
"""How the message of a cancellation begins that means one attempt and not the whole call."""


class Walking:
    """The attempts of one call; each that does not answer is told to `log` with its reason."""

    def __init__(self, call: Call, plan: Plan, budget: Budget, house: House, log: Log) -> None:
        self._call = call
        self._house = house
        self._budget = budget
        self._log = log
        self._walk = house.router.walk(plan, call, budget)
        self._why: dict[str, str] = {}  # by model: why it did not answer
        self._error: GatewayError | None = None
        self._seen = 0  # skips that were told

    async def answer(self) -> Answer:
        """The first answer. Raises the last target's GatewayError, or why none could be asked."""
        return await self._go(self._call, None)

    async def go_on(self, call: Call, error: GatewayError) -> Answer:
        """The next answer, to `call`, after the one before ended in `error` too early. Raises as `answer`."""
        self._error = error
        return await self._go(call, outcome_of(error, time.time()))

    async def _go(self, call: Call, outcome: Outcome | None) -> Answer:
        ask = self._step(outcome)
        while ask is not None:
            if ask.delay:
                await asyncio.sleep(ask.delay)
            began = now()
            permit = self._house.router.health.begin(ask.name, began, forced=ask.forced)
            if permit is None:
                ask = self._step(None)
                continue
            self._log.tried(ask.target)
            try:
                answer = await ask_once(call, ask.leaf, self._house, permit, hold=True)
            except GatewayError as error:
                self._failed(ask.target, error, began)
                ask = self._step(outcome_of(error, time.time()))
            except asyncio.CancelledError as error:
                self._given_up(ask.target, error, began)
                raise
            else:
                return self._won(answer, ask, began)
        raise self._error or self._refusal()

    def _step(self, outcome: Outcome | None) -> Ask | None:
        ask = self._walk.step(outcome, now())
        for skip in self._walk.skipped[self._seen :]:
            reason = f"passed over, {WORDS[skip.why]}"
            self._why.setdefault(skip.model, reason)
            self._log.ended(Attempt(model=skip.model, provider=skip.provider, reason=reason))
        self._seen = len(self._walk.skipped)
        return ask

    def _won(self, answer: Answer, ask: Ask, began: float) -> Answer:
        target = ask.target
        self._budget.answered(now())
        self._log.ended(Attempt(model=target.model, provider=target.provider, status=200, ms=_ms(began)))
        others = [f"{model}: {why}" for model, why in self._why.items() if model != target.model]
        return structs.replace(
            answer,
            retries=ask.retry,
            continues=ask.terms.continue_on_cut is True,
            fallback_reason=others[-1] if others else None,
        )

    def _failed(self, target: Target, error: GatewayError, began: float) -> None:
        self._error = error
        self._why.pop(target.model, None)  # the last word stands last
        self._why[target.model] = error.message
        self._log.ended(
            Attempt(
                model=target.model,
                provider=target.provider,
                status=error.status,
                ms=_ms(began),
                reason=error.message,
            )
        )

    def _given_up(self, target: Target, error: asyncio.CancelledError, began: float) -> None:
        """Of an attempt that another one made needless, what it cost: the prompt is paid for, as far as is known."""
        said = str(error.args[0]) if error.args else ""
        if said.startswith(GIVEN_UP):
            usage = Usage(prompt_tokens=prompt_tokens(self._call.ask))
            cost = self._house.prices.cost(target.provider, target.upstream, usage)
            self._log.ended(
                Attempt(
                    model=target.model,
                    provider=target.provider,
                    status=499,
                    ms=_ms(began),
                    reason=said,
                    usage=usage,
                    cost_usd=cost,
                    estimated=True,
                )
            )

    def _refusal(self) -> GatewayError:
        skipped = self._walk.skipped
        if skipped and all(skip.why == "too small" for skip in skipped):
            return BadRequest(
                f"{self._walk.refusal()} Shorten it, or choose a model with a larger context.",
                param="messages",
                code="context_length_exceeded",
            )
        return Overloaded(self._walk.refusal(), retry_after="1")


def _ms(began: float) -> float:
    return (now() - began) * 1000

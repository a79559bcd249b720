"""Asks one target once, under its terms, and tells its health how that went."""

import asyncio
import time
from collections.abc import Callable

from parley.core.call import Call
from parley.core.errors import GatewayError, UpstreamTimedOut
from parley.core.route import Target
from parley.pipeline.house import Answer, House
from parley.providers.caller import Upstream
from parley.routing.budget import Budget
from parley.routing.health import Permit
from parley.routing.outcome import outcome_of
from parley.routing.overrides import overridden
from parley.routing.plan import Single, Terms

now: Callable[[], float] = time.monotonic
"""The clock of the event loop, which is what deadlines are told in."""


async def ask_once(call: Call, leaf: Single, house: House, permit: Permit, budget: Budget) -> Answer:
    """The answer of the leaf's target; of a stream the first token is there, and the permit goes with the answer.

    Raises GatewayError, and then the permit is closed.
    """
    target = leaf.target
    assert target is not None
    try:
        answer = await _answer(call, leaf, target, house, permit)
    except BaseException as error:
        release(permit, error)
        raise
    at = now()
    permit.answered(at)
    budget.answered(at)
    if answer.permit is None:
        permit.close()
    return answer


def release(permit: Permit, error: BaseException | None = None) -> None:
    """Closes a permit; an error that is the target's counts against it."""
    if isinstance(error, GatewayError):
        permit.failed(outcome_of(error, time.time()), now())
    permit.close()


async def _answer(call: Call, leaf: Single, target: Target, house: House, permit: Permit) -> Answer:
    terms = leaf.terms
    upstream = house.upstreams[target.provider]
    if leaf.api_key is not None or terms.custom_host is not None:
        key = None if leaf.api_key is None else leaf.api_key.value
        upstream = house.guests.upstream(target.provider, terms.custom_host, key)
    if terms.override_params:
        call = overridden(call, terms.override_params)
    if terms.timeout is None:
        return await _asked(call, target, upstream, leaf, permit)
    return await _in_time(call, target, upstream, leaf, permit, terms)


async def _in_time(
    call: Call, target: Target, upstream: Upstream, leaf: Single, permit: Permit, terms: Terms
) -> Answer:
    assert terms.timeout is not None
    try:
        async with asyncio.timeout(terms.timeout):
            return await _asked(call, target, upstream, leaf, permit)
    except TimeoutError:
        raise UpstreamTimedOut(
            f"`{target.model}` did not answer within the {terms.timeout:g} s that its route allows."
        ) from None


async def _asked(call: Call, target: Target, upstream: Upstream, leaf: Single, permit: Permit) -> Answer:
    if getattr(call.ask, "stream", None):
        events = await upstream.open(call, target)
        return Answer(target=target, events=events, permit=permit, path=leaf.path)
    return Answer(target=target, reply=await upstream.ask(call, target), path=leaf.path)

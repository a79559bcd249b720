"""Asks one target once, under its terms, and tells its health how that went."""

import asyncio
import time
from collections.abc import Callable

from parley.core.call import Call
from parley.core.errors import GatewayError, UpstreamTimedOut
from parley.core.reply import Reply
from parley.core.route import Target
from parley.pipeline.house import Answer, Events, House
from parley.providers.caller import Upstream
from parley.routing.health import Permit
from parley.routing.outcome import outcome_of
from parley.routing.overrides import overridden
from parley.routing.plan import Single

now: Callable[[], float] = time.monotonic
"""The clock of the event loop, which is what deadlines are told in."""


async def ask_once(call: Call, leaf: Single, house: House, permit: Permit, *, hold: bool) -> Answer:
    """The answer of the leaf's target; of a stream the first token is there, and the permit goes with the answer.

    Without `hold` a stream's first event is enough: nobody else could be asked.

    Raises GatewayError, and then the permit is closed.
    """
    target = leaf.target
    assert target is not None
    terms = leaf.terms
    try:
        upstream = house.upstreams[target.provider]
        if leaf.api_key is not None or terms.custom_host is not None:
            key = None if leaf.api_key is None else leaf.api_key.value
            upstream = house.guests.upstream(target.provider, terms.custom_host, key)
        if terms.override_params:
            call = overridden(call, terms.override_params)
        if terms.timeout is None:
            reply, events = await _asked(call, target, upstream, hold)
        else:
            reply, events = await _in_time(call, target, upstream, hold, terms.timeout)
    except BaseException as error:
        release(permit, error)
        raise
    permit.answered(now())
    if events is not None:
        return Answer(target=target, events=events, permit=permit, path=leaf.path)
    permit.close()
    return Answer(target=target, reply=reply, path=leaf.path)


def release(permit: Permit, error: BaseException | None = None) -> None:
    """Closes a permit; an error that is the target's counts against it."""
    if isinstance(error, GatewayError):
        permit.failed(outcome_of(error, time.time()), now())
    permit.close()


Given = tuple[Reply | None, Events | None]


async def _asked(call: Call, target: Target, upstream: Upstream, hold: bool) -> Given:
    if getattr(call.ask, "stream", None):
        return None, await upstream.open(call, target, hold=hold)
    return await upstream.ask(call, target), None


async def _in_time(call: Call, target: Target, upstream: Upstream, hold: bool, seconds: float) -> Given:
    try:
        async with asyncio.timeout(seconds):
            return await _asked(call, target, upstream, hold)
    except TimeoutError:
        raise UpstreamTimedOut(f"`{target.model}` did not answer within {seconds:g} s, as its route wants.") from None

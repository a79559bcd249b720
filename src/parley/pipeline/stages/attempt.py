"""Attempt: asks the route's targets, one after the other, until one answers.

Reads: the call, the route.
Writes: nothing; notes each target that it asks, and returns the answer. Of a stream the first events are there when
it returns, so that a target that fails before its first token is replaced without anyone noticing.
Fails: closed (the last target's error is the caller's).
Costs: the upstream's time; a fallback adds the time that the failed target took.
"""

from collections.abc import Callable, Mapping

from parley.core.call import Call
from parley.core.errors import UpstreamError, UpstreamRefused
from parley.core.route import Route, Target
from parley.pipeline.house import Answer
from parley.providers.caller import Upstream

NEXT_MAY_DO_BETTER = frozenset({401, 403, 404, 408, 409, 425, 429})
"""Refusals that say something about this target only; another one may answer. A 5xx always does."""


async def attempt(
    call: Call, route: Route, upstreams: Mapping[str, Upstream], note: Callable[[Target], None]
) -> Answer:
    """The first answer that a target gives. Raises the last target's GatewayError."""
    reason = None
    last = route.targets[-1]
    for target in route.targets:
        note(target)
        try:
            return await _ask(call, target, upstreams[target.provider], reason)
        except UpstreamError as error:
            if target is last or not _another_may_answer(error):
                raise
            reason = f"{target.model}: {error.message}"
    raise AssertionError("a route has at least one target")


async def _ask(call: Call, target: Target, upstream: Upstream, reason: str | None) -> Answer:
    if getattr(call.ask, "stream", None):
        return Answer(target=target, events=await upstream.open(call, target), fallback_reason=reason)
    return Answer(target=target, reply=await upstream.ask(call, target), fallback_reason=reason)


def _another_may_answer(error: UpstreamError) -> bool:
    return not isinstance(error, UpstreamRefused) or error.status in NEXT_MAY_DO_BETTER or error.status >= 500

"""Attempt: asks the targets of the call's way until one answers.

Reads: the call, the way, the targets' health.
Writes: the targets' health, and the budget of a way with more than one; notes each attempt. Of a stream the first
token is there when it returns, so that a target that fails before is replaced without anyone noticing.
Fails: closed (the last target's error is the caller's).
Costs: the upstream's time and about 5 microseconds; a fallback adds the time that the failed target took.
"""

from parley.core.call import Call
from parley.pipeline.asking import ask_once, now
from parley.pipeline.continuing import continued
from parley.pipeline.house import Answer, House, Log
from parley.pipeline.racing import race
from parley.pipeline.walking import Walking
from parley.routing.router import Way


async def attempt(call: Call, way: Way, house: House, log: Log) -> Answer:
    """The first answer that a target gives. Raises the last target's GatewayError."""
    alone = way.alone
    if alone is not None and alone.target is not None:
        began = now()
        # Where there is nobody else, a walk would come to ask it too, whatever speaks against it but being packed.
        permit = house.router.health.begin(way.name, began, forced=True)
        if permit is not None:
            log.tried(alone.target)
            return await ask_once(call, alone, house, permit, hold=False)
    if way.rule is not None:
        return await race(call, way, way.rule, house, log)
    walking = Walking(call, way.plan, way.budget, house, log)
    answer = await walking.answer()
    return continued(answer, call, walking, log) if answer.continues else answer

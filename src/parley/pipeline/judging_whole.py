"""A whole answer before its judges: what may be given of it, within the budget, or in safe mode whatever it takes."""

import asyncio
from collections.abc import Callable

from msgspec import structs

from parley.core.call import Call
from parley.core.errors import GatewayError, UpstreamTimedOut
from parley.core.reply import Event, Notes, Reply
from parley.evaluation.verdict import evaluation_json
from parley.pipeline.judging_court import Court
from parley.pipeline.judging_fault import at_fault, stand_in
from parley.pipeline.judging_hearing import Hearing, Ruling, corrected_reply
from parley.pipeline.judging_mandate import Mandate

MARGIN = 0.05
"""Seconds before the call's deadline at which safe mode gives up, so that the caller still hears of it."""

Told = Callable[[Ruling], None]


async def judged(reply: Reply, call: Call, mandate: Mandate, court: Court, told: Told) -> Reply:
    """The reply to give, with its notes.

    `told` gets the ruling, also where nothing is given. Raises AnswerAtFault, in safe mode only.
    """
    ask = court.asker(call.whose)
    hearing = Hearing(call, mandate, ask)
    trials = [hearing.trial(hearing.subject(choice, reply.model)) for choice in reply.choices]
    now = asyncio.get_running_loop().time()
    end = call.deadline - MARGIN
    ruling = await hearing.hold(trials, end if mandate.safe else min(now + mandate.budget, end))
    if not mandate.safe or ruling.passed:
        given = corrected_reply(reply, ruling.subjects)
    else:
        given, ruling = await _safe(reply, ruling, call, mandate, hearing, told)
    told(ruling)
    return structs.replace(given, notes={**(given.notes or {}), **notes(ruling)})


async def _safe(
    reply: Reply, ruling: Ruling, call: Call, mandate: Mandate, hearing: Hearing, told: Told
) -> tuple[Reply, Ruling]:
    """What is given instead of an answer that did not pass."""
    for task in ruling.judges.values():
        task.cancel()
    evaluation = ruling.evaluation
    if ruling.owed:
        reason = "Judging was not done before the deadline of the call."
        evaluation = structs.replace(evaluation, status="ERROR", delivered="ERROR", reason=reason)
    ruling = structs.replace(ruling, owed=False, judges={}, evaluation=evaluation)
    try:
        async with asyncio.timeout_at(call.deadline):
            return await stand_in(reply, ruling, call, mandate, hearing, hearing.ask)
    except TimeoutError:
        told(ruling)
        raise UpstreamTimedOut(f"{at_fault(ruling).message} There was no time for anything else.") from None
    except GatewayError:
        told(ruling)
        raise


def notes(ruling: Ruling) -> Notes:
    """What Parley says beside the answer."""
    evaluation = ruling.evaluation
    return {"evaluation": evaluation_json(evaluation), "correction_applied": evaluation.correction_applied}


def noted(events: list[Event], said: Notes, call: Call) -> list[Event]:
    """The events with these notes on the last chunk that the client reads: that of the usage, where it asked for it."""
    options = getattr(call.ask, "stream_options", None)
    last = max((place for place, event in enumerate(events) if event.deltas), default=None)
    if last is None or (options is not None and options.include_usage):
        return [*events, Event(notes=said)]
    return [*events[:last], structs.replace(events[last], notes=said), *events[last + 1 :]]


def summary(ruling: Ruling) -> bytes:
    """The value of `x-parley-evaluation`: the status, and what else a client that reads only headers may want."""
    evaluation = ruling.evaluation
    faults = sum(verdict.status == "FAULT" for verdict in evaluation.results)
    parts = [evaluation.status, f"delivered={evaluation.delivered}", f"faults={faults}", f"rounds={evaluation.rounds}"]
    corrected = "true" if evaluation.correction_applied else "false"
    return "; ".join([*parts, f"corrected={corrected}"]).encode()

"""What safe mode gives in the place of an answer that did not pass: a refusal, another model's answer, or an error."""

import asyncio

from msgspec import structs

from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.errors import AnswerAtFault, GatewayError
from parley.core.reply import Choice, Reply
from parley.evaluation.ports import Asker
from parley.pipeline.judging_hearing import Hearing, Ruling, corrected_reply
from parley.pipeline.judging_mandate import Mandate

REFUSAL = "I can not answer this."
"""What `refuse` says where the intent names no text."""
REFUSED = "content_filter"
"""OpenAI's finish reason for an answer that was withheld (API reference, 2026-08)."""


async def stand_in(
    reply: Reply, ruling: Ruling, call: Call, mandate: Mandate, hearing: Hearing, ask: Asker
) -> tuple[Reply, Ruling]:
    """The reply to give instead, with the ruling on it. Raises AnswerAtFault where there is none."""
    on_fault = mandate.on_fault
    if on_fault.action == "refuse":
        text = on_fault.text or REFUSAL
        choices = tuple(
            Choice(index=choice.index, text=text, finish=REFUSED, corrected=True) for choice in reply.choices
        )
        return structs.replace(reply, choices=choices, raw=None), _stood_in(ruling, "The answer was withheld.")
    if on_fault.action == "fallback" and mandate.fallback is not None:
        return await _from_another(reply, ruling, call, mandate.fallback, hearing, ask)
    raise at_fault(ruling)


def at_fault(ruling: Ruling) -> AnswerAtFault:
    """The error for an answer that did not pass; what the answer said is not told."""
    faulty = [v for v in (*ruling.final, *ruling.evaluation.results) if v.status in ("FAULT", "ERROR")]
    names = ", ".join(dict.fromkeys(f"`{verdict.sentinel}`" for verdict in faulty)) or "its sentinels"
    return AnswerAtFault(f"The answer did not pass {names} and could not be corrected, so it is not given.")


async def _from_another(
    reply: Reply, ruling: Ruling, call: Call, model: str, hearing: Hearing, ask: Asker
) -> tuple[Reply, Ruling]:
    chat = call.ask
    assert isinstance(chat, Chat)
    other = structs.replace(chat, model=model, stream=None, stream_options=None)
    try:
        asked = await ask(other, "fallback", call.deadline)
    except GatewayError as error:
        raise AnswerAtFault(f"{at_fault(ruling).message} The fallback model gave none: {error.message}") from None
    given = structs.replace(asked.reply, id=reply.id, created=reply.created, raw=None)
    trials = [hearing.trial(hearing.subject(choice, model), rounds=0) for choice in given.choices]
    second = await hearing.hold(trials, _end_of(call))
    if not second.passed:
        raise at_fault(second)
    given = corrected_reply(given, second.subjects)
    corrected = tuple(structs.replace(choice, corrected=True) for choice in given.choices)
    costs = [c for c in (ruling.evaluation.cost_usd, second.evaluation.cost_usd, asked.cost_usd) if c is not None]
    told = _stood_in(ruling, f"The answer is `{model}`'s.", sum(costs) if costs else None)
    final = second.final or second.evaluation.results
    return structs.replace(given, choices=corrected), structs.replace(told, final=final, subjects=second.subjects)


def _stood_in(ruling: Ruling, reason: str, cost: float | None = None) -> Ruling:
    """The ruling on an answer that another one was given for."""
    evaluation = structs.replace(
        ruling.evaluation,
        correction_applied=True,
        delivered="PASS",
        reason=reason,
        cost_usd=ruling.evaluation.cost_usd if cost is None else cost,
    )
    return structs.replace(ruling, evaluation=evaluation)


def _end_of(call: Call) -> float:
    return max(call.deadline, asyncio.get_running_loop().time())

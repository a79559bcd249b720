"""What of a ruling is kept: the evaluation and its verdicts as rows, or the work that is still owed as a job."""

import time
from typing import Any

import msgspec
from msgspec import Struct, structs

from parley.core.asks import Chat
from parley.core.call import Call, Whose
from parley.core.enclosures import Enclosure, EvaluationRow, Job, VerdictRow
from parley.core.reply import ToolCall
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Evaluation, Verdict
from parley.pipeline.judging_hearing import Ruling, context_of
from parley.pipeline.judging_mandate import BACKGROUND, Mode

KIND = "evaluation"


class Spoken(Struct, frozen=True, kw_only=True):
    """One choice of an answer that is to be judged."""

    choice: int = 0
    text: str = ""
    tools: tuple[ToolCall, ...] = ()
    finish: str | None = None
    refusal: str | None = None


class Owed(Struct, frozen=True, kw_only=True):
    """A judgement that is owed: all that it needs, so that it can be given wherever and whenever.

    `known` are verdicts that were given before the answer went out.
    """

    request_id: str
    completion_id: str | None
    whose: Whose
    chat: Chat
    model: str
    answer: tuple[Spoken, ...]
    context: str = ""
    mode: Mode = BACKGROUND
    known: tuple[Verdict, ...] = ()
    correction_applied: bool = False
    rounds: int = 0
    cost_usd: float | None = None


_OWED = msgspec.json.Decoder(Owed)


def owed_job(owed: Owed) -> Job:
    """The job that pays it."""
    now = time.time()
    fields = {name: getattr(owed, name) for name in Owed.__struct_fields__}
    payload = msgspec.json.encode({**fields, "chat": _given(owed.chat)})
    return Job(id=job_id(owed.request_id), kind=KIND, created=now, due=now, payload=payload)


def job_id(request_id: str) -> str:
    """The name of the judgement that is owed to a request."""
    return f"{KIND}:{request_id}"


def owed_of(job: Job) -> Owed:
    """What a job owes."""
    return _OWED.decode(job.payload)


def subjects_owed(owed: Owed) -> tuple[Subject, ...]:
    """The subjects that are to be judged."""
    return tuple(
        Subject(id=owed.request_id, chat=owed.chat, model=owed.model, context=owed.context, **structs.asdict(spoken))
        for spoken in owed.answer
    )


def spoken(subject: Subject) -> Spoken:
    """A subject without what was asked."""
    return Spoken(**{name: getattr(subject, name) for name in Spoken.__struct_fields__})


def ruling_rows(ruling: Ruling, call: Call, mode: Mode, completion_id: str | None) -> tuple[Enclosure, ...]:
    """What is committed with the record of a call whose answer was judged before it went out."""
    if not ruling.owed:
        return rows(ruling.evaluation, ruling.final, call.whose, mode, completion_id)
    chat, evaluation = call.ask, ruling.evaluation
    assert isinstance(chat, Chat)
    owed = Owed(
        request_id=call.id,
        completion_id=completion_id,
        whose=call.whose,
        chat=chat,
        model=ruling.subjects[0].model if ruling.subjects else chat.model or "",
        answer=tuple(spoken(subject) for subject in ruling.subjects),
        context=context_of(call),
        mode=mode,
        known=evaluation.results,
        correction_applied=evaluation.correction_applied,
        rounds=evaluation.rounds,
        cost_usd=evaluation.cost_usd,
    )
    return (owed_job(owed),)


def rows(
    evaluation: Evaluation, final: tuple[Verdict, ...], whose: Whose, mode: Mode, completion_id: str | None
) -> tuple[Enclosure, ...]:
    """The rows of a finished evaluation; `final` are the verdicts on a corrected answer."""
    head = EvaluationRow(
        request_id=evaluation.request_id,
        created=evaluation.created,
        account=whose.account,
        application=whose.application,
        intent=whose.intent,
        session_id=whose.session_id,
        completion_id=completion_id,
        status=evaluation.status,
        delivered=evaluation.delivered or evaluation.status,
        mode=mode,
        correction_applied=evaluation.correction_applied,
        rounds=evaluation.rounds,
        ms=evaluation.ms,
        cost_usd=evaluation.cost_usd,
        reason=evaluation.reason,
    )
    said = [(not evaluation.correction_applied, verdict) for verdict in evaluation.results]
    said += [(True, verdict) for verdict in final]
    return (head, *(_row(evaluation, place, done, verdict) for place, (done, verdict) in enumerate(said)))


def _row(evaluation: Evaluation, place: int, final: bool, verdict: Verdict) -> VerdictRow:
    usage = verdict.usage
    return VerdictRow(
        request_id=evaluation.request_id,
        place=place,
        choice=verdict.choice,
        final=final,
        sentinel=verdict.sentinel,
        kind=verdict.kind,
        status=verdict.status,
        severity=verdict.severity,
        description=verdict.description,
        confidence=verdict.confidence,
        correction=verdict.correction,
        ms=verdict.ms,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cost_usd=verdict.cost_usd,
        judge=verdict.judge,
        prompt_version=verdict.prompt_version,
        created=evaluation.created,
    )


def _given(chat: Chat) -> dict[str, Any]:
    return {name: value for name in chat.__struct_fields__ if (value := getattr(chat, name)) is not None}

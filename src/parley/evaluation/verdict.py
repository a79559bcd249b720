"""Verdicts: what each sentinel says of an answer, what they amount to, and the JSON that clients see of it."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from parley.core.reply import Json, Usage
from parley.core.usage_shape import usage_json

Status = Literal["PASS", "FAULT", "NA", "ERROR"]
Severity = Literal["debug", "info", "warning", "error", "fatal"]
Span = tuple[int, int]

PASS: Status = "PASS"  # noqa: S105  # a verdict, no password
FAULT: Status = "FAULT"
NA: Status = "NA"
ERROR: Status = "ERROR"
PENDING = "PENDING"


class Verdict(Struct, frozen=True, kw_only=True):
    """What one sentinel says of one choice of an answer.

    `description` is never empty. `confidence` is 0..100. `correction` is the text that the sentinel suggests instead.
    `ms` is how long the sentinel took, `usage`, `cost_usd` (None: not known), `judge` (the model) and `prompt_version`
    are there for kinds that ask a model. `spans` are places in the answer's text, for redaction.
    """

    sentinel: str
    kind: str
    status: Status
    description: str
    severity: Severity = "error"
    confidence: float = 100.0
    correction: str | None = None
    choice: int = 0
    ms: float = 0.0
    usage: Usage | None = None
    cost_usd: float | None = None
    judge: str | None = None
    prompt_version: str | None = None
    spans: tuple[Span, ...] = ()


class Evaluation(Struct, frozen=True, kw_only=True):
    """All verdicts on one request's answer. `created` is in epoch seconds, `ms` the time that evaluating took.

    `status` is PENDING, PASS, FAULT or ERROR, and with `results` tells of what the model said; `delivered` is the
    status of what the caller got, another one where `correction_applied`. `rounds` counts the corrections that a model
    was asked for. `reason` says why an evaluation is late or unfinished.
    """

    request_id: str
    status: str
    created: float
    results: tuple[Verdict, ...] = ()
    delivered: str | None = None
    correction_applied: bool = False
    rounds: int = 0
    ms: float = 0.0
    cost_usd: float | None = None
    reason: str | None = None


def status_of(verdicts: Iterable[Verdict]) -> Status:
    """FAULT where a sentinel faults; else ERROR where one could not judge; else PASS."""
    seen = {verdict.status for verdict in verdicts}
    return FAULT if FAULT in seen else ERROR if ERROR in seen else PASS


def faults(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts that say FAULT."""
    return tuple(verdict for verdict in verdicts if verdict.status == FAULT)


def cost_of(verdicts: Iterable[Verdict]) -> float | None:
    """US dollars that the judges took; None where no cost is known."""
    known = [verdict.cost_usd for verdict in verdicts if verdict.cost_usd is not None]
    return sum(known) if known else None


def evaluation_json(evaluation: Evaluation) -> dict[str, Json]:
    """The evaluation as replies, chunks and `/api/evaluations` show it; JSON values only."""
    return {
        "object": "evaluation",
        "request_id": evaluation.request_id,
        "status": evaluation.status,
        "delivered": evaluation.delivered or evaluation.status,
        "created": evaluation.created,
        "correction_applied": evaluation.correction_applied,
        "rounds": evaluation.rounds,
        "time_ms": round(evaluation.ms, 3),
        "cost_usd": evaluation.cost_usd,
        "reason": evaluation.reason,
        "results": [verdict_json(verdict) for verdict in evaluation.results],
    }


def verdict_json(verdict: Verdict) -> dict[str, Json]:
    """One verdict as clients see it; `name` is the sentinel's, `time_ms` how long it took."""
    return {
        "name": verdict.sentinel,
        "kind": verdict.kind,
        "status": verdict.status,
        "severity": verdict.severity,
        "description": verdict.description,
        "confidence": verdict.confidence,
        "correction": verdict.correction,
        "choice": verdict.choice,
        "time_ms": round(verdict.ms, 3),
        "usage": usage_json(verdict.usage) if verdict.usage is not None else None,
        "cost_usd": verdict.cost_usd,
        "judge": verdict.judge,
        "prompt_version": verdict.prompt_version,
    }

"""Evaluations as JSON: as they stand, or finished, for the API, for webhooks and for services' own paths."""

from typing import Any

from msgspec import structs

from parley.core.enclosures import EvaluationRow, VerdictRow
from parley.core.reply import Usage
from parley.evaluation.desk import Standing
from parley.evaluation.verdict import Evaluation, Verdict, evaluation_json


def shown(standing: Standing) -> dict[str, Any]:
    """How it stands with an evaluation, as JSON."""
    if standing.row is not None:
        return shown_row(standing.row, standing.verdicts)
    bare = Evaluation(request_id=standing.request_id, status=standing.status, created=0.0, reason=standing.reason)
    return {**evaluation_json(bare), "created": None}


def shown_row(row: EvaluationRow, verdicts: tuple[VerdictRow, ...]) -> dict[str, Any]:
    """A finished evaluation as JSON, with whose it is."""
    first = [verdict for verdict in verdicts if not (verdict.final and row.correction_applied)]
    evaluation = Evaluation(
        request_id=row.request_id,
        status=row.status,
        created=row.created,
        results=tuple(map(_verdict, first)),
        delivered=row.delivered,
        correction_applied=row.correction_applied,
        rounds=row.rounds,
        ms=row.ms,
        cost_usd=row.cost_usd,
        reason=row.reason,
    )
    found = evaluation_json(evaluation)
    if row.correction_applied:
        last = tuple(_verdict(verdict) for verdict in verdicts if verdict.final)
        found["final_results"] = evaluation_json(structs.replace(evaluation, results=last))["results"]
    whose = ("completion_id", "account", "application", "intent", "session_id", "mode")
    return {**found, **{name: getattr(row, name) for name in whose}}


def _verdict(row: VerdictRow) -> Verdict:
    usage = None
    if row.prompt_tokens is not None:
        usage = Usage(prompt_tokens=row.prompt_tokens, completion_tokens=row.completion_tokens or 0)
    return Verdict(
        sentinel=row.sentinel,
        kind=row.kind,
        status=row.status,  # type: ignore[arg-type]  # a word that was written as one
        severity=row.severity,  # type: ignore[arg-type]  # likewise
        description=row.description,
        confidence=row.confidence,
        correction=row.correction,
        choice=row.choice,
        ms=row.ms,
        usage=usage,
        cost_usd=row.cost_usd,
        judge=row.judge,
        prompt_version=row.prompt_version,
    )

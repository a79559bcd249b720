"""The spans of one request: its own, one for each attempt, and what stages and judges noted."""

from collections.abc import Iterable

import msgspec

from parley.core.enclosures import EvaluationRow, Span, TraceMark, VerdictRow
from parley.core.record import ANSWERED, Attempt, Record
from parley.core.reply import Json, Usage
from parley.core.spans import nth_span, root_span
from parley.tracing.node import Node, Tokens

FROM_CACHE = ("HIT", "SEMANTIC HIT")
SAID = ("account", "application", "intent", "session_id", "reference_id", "user_id", "key_id", "outcome", "status")
SAID_IF = ("stream", "first_token_ms", "finish_reason", "fallback_reason", "saved_usd", "completion_id", "metadata")


def request_nodes(record: Record, mark: TraceMark | None) -> list[Node]:
    """The span of a request, and those of its attempts below it."""
    own = mark.span_id if mark is not None and mark.span_id else root_span(record.id)
    name = mark.span_name if mark is not None and mark.span_name else record.operation
    root = Node(
        id=own,
        parent_id=mark.parent_span_id if mark is not None else None,
        kind="request",
        name=name,
        started=record.created,
        ms=record.latency_ms,
        status="ok" if record.outcome == ANSWERED else "error",
        error=record.error or (None if record.outcome == ANSWERED else record.outcome),
        request_id=record.id,
        model=record.model,
        provider=record.provider,
        usage=_tokens(record.usage),
        cost_usd=record.cost_usd,
        attributes=_said(record),
    )
    return [root, *_attempts(record, own)]


def _said(record: Record) -> dict[str, Json]:
    said = {name: getattr(record, name) for name in SAID}
    said |= {name: value for name in SAID_IF if (value := getattr(record, name)) not in (None, False)}
    if record.cache != "DISABLED":
        said["cache"] = record.cache
    return said


def _attempts(record: Record, parent: str) -> list[Node]:
    """One span for each model that was asked. Where there was but one, its time is that of the request."""
    if not record.provider or record.cache in FROM_CACHE:
        return []
    if record.attempts is None:
        only = Attempt(model=record.model, provider=record.provider, status=record.status, reason=record.error)
        return [_attempt(record, only, 0, parent, 0.0, record.latency_ms)]
    nodes, at = [], 0.0
    for place, attempt in enumerate(record.attempts):
        answered = attempt.status == 200 and attempt.reason is None
        ms = max(record.latency_ms - at, attempt.ms) if answered else attempt.ms
        nodes.append(_attempt(record, attempt, place, parent, at, ms))
        at += attempt.ms
    return nodes


def _attempt(record: Record, attempt: Attempt, place: int, parent: str, at: float, ms: float) -> Node:
    good = attempt.reason is None and attempt.status is not None and attempt.status < 400
    usage, cost = (record.usage, record.cost_usd) if good else (attempt.usage, attempt.cost_usd)
    return Node(
        id=nth_span(record.id, place),
        parent_id=parent,
        kind="attempt",
        name=f"{attempt.provider}/{attempt.model}",
        started=record.created + at / 1000,
        ms=ms,
        status="ok" if good else "error",
        error=attempt.reason,
        request_id=record.id,
        model=attempt.model,
        provider=attempt.provider,
        usage=_tokens(usage),
        cost_usd=cost,
        attributes={} if attempt.status is None else {"status": attempt.status},
    )


def span_node(span: Span, root: str | None) -> Node:
    """A span that was kept; `root` is the span of its request, which it belongs below unless it says otherwise."""
    counted = span.prompt_tokens is not None or span.completion_tokens is not None
    tokens = Tokens(prompt_tokens=span.prompt_tokens, completion_tokens=span.completion_tokens) if counted else None
    return Node(
        id=span.id,
        parent_id=span.parent_id or root,
        kind=span.kind,
        name=span.name,
        started=span.created,
        ms=span.ms,
        status="ok" if span.error is None else "error",
        error=span.error,
        request_id=span.request_id,
        model=span.model,
        provider=span.provider,
        usage=tokens,
        cost_usd=span.cost_usd,
        attributes=msgspec.json.decode(span.attributes) if span.attributes else {},
    )


def judge_nodes(rows: Iterable[EvaluationRow], verdicts: Iterable[VerdictRow], roots: dict[str, str]) -> list[Node]:
    """What judging came to, below its request: one span, and below it one for each verdict that took time."""
    nodes, by_request = [], dict[str, list[VerdictRow]]()
    for verdict in verdicts:
        by_request.setdefault(verdict.request_id, []).append(verdict)
    for row in rows:
        if row.request_id not in roots:
            continue
        id = nth_span(row.request_id, 1000)
        nodes.append(_judging(row, id, roots[row.request_id]))
        for place, verdict in enumerate(by_request.get(row.request_id, ())):
            nodes.append(_verdict(row, verdict, nth_span(row.request_id, 1001 + place), id))
    return nodes


def _judging(row: EvaluationRow, id: str, parent: str) -> Node:
    return Node(
        id=id,
        parent_id=parent,
        kind="correction" if row.correction_applied else "judge",
        name="evaluation",
        started=row.created - row.ms / 1000,
        ms=row.ms,
        status="error" if row.status == "ERROR" else "ok",
        error=row.reason if row.status == "ERROR" else None,
        request_id=row.request_id,
        cost_usd=row.cost_usd,
        attributes={"verdict": row.status, "delivered": row.delivered, "mode": row.mode, "rounds": row.rounds},
    )


def _verdict(row: EvaluationRow, verdict: VerdictRow, id: str, parent: str) -> Node:
    counted = verdict.prompt_tokens is not None
    return Node(
        id=id,
        parent_id=parent,
        kind="judge",
        name=verdict.sentinel,
        started=row.created - row.ms / 1000,
        ms=verdict.ms,
        status="error" if verdict.status == "ERROR" else "ok",
        error=verdict.description if verdict.status == "ERROR" else None,
        request_id=row.request_id,
        model=verdict.judge or "",
        usage=Tokens(prompt_tokens=verdict.prompt_tokens, completion_tokens=verdict.completion_tokens)
        if counted
        else None,
        cost_usd=verdict.cost_usd,
        attributes={"verdict": verdict.status, "kind": verdict.kind, "final": verdict.final, "choice": verdict.choice},
    )


def _tokens(usage: Usage | None) -> Tokens | None:
    if usage is None:
        return None
    return Tokens(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cached_tokens=usage.cached_tokens,
        reasoning_tokens=usage.reasoning_tokens,
    )

"""Turns what Portkey's SDK and its callback handlers log into spans.

Shapes, as the SDK 2.3.4 sends them (observed 2026-08): `{request, response, metadata}` with the ids in `metadata`, in
camelCase or with underscores, and LangChain's form with the ids at the top. Headers are dropped: keys stand in them.
"""

from collections.abc import Mapping
from datetime import datetime

from parley.core.enclosures import Span
from parley.core.errors import BadRequest
from parley.core.reply import Json
from parley.core.spans import new_span
from parley.tracing.otlp_in import bounded, clean, whole

MOST = 1000
LONGEST = 256
IDS = ("traceId", "trace_id", "spanId", "span_id", "parentSpanId", "parent_span_id", "spanName", "span_name")


def spans_of_logs(logs: Json, account: str, trace_id: str, now: float) -> list[Span]:
    """One span for each log; `trace_id` is that of the request which brought them, for those that name none.

    Raises BadRequest.
    """
    all = logs if isinstance(logs, list) else [logs]
    if len(all) > MOST:
        raise BadRequest(f"At most {MOST} logs are taken at once; these are {len(all)}.")
    for place, log in enumerate(all):
        if not isinstance(log, Mapping):
            raise BadRequest(f"A log is an object with `request`, `response` and `metadata`; number {place} is none.")
    return [_span(log, account, trace_id, now) for log in all]


def _span(log: Mapping[str, Json], account: str, trace_id: str, now: float) -> Span:
    metadata, request, response = (_table(log.get(name)) for name in ("metadata", "request", "response"))
    asked, answered = _table(request.get("body")), _table(response.get("body"))
    usage = _table(answered.get("usage"))
    ms = _ms(response.get("response_time"))
    status = whole(response.get("status"))
    began = _time(metadata.get("startTime") or log.get("start_time"))
    return Span(
        trace_id=_said(metadata, log, "traceId", "trace_id") or trace_id,
        id=_said(metadata, log, "spanId", "span_id") or new_span(),
        parent_id=_said(metadata, log, "parentSpanId", "parent_span_id") or None,
        account=account,
        kind="client",
        name=_said(metadata, log, "spanName", "span_name") or "llm",
        created=now - ms / 1000 if began is None else began,
        ms=ms,
        error=f"status {status}" if status is not None and status >= 400 else None,
        model=clean(str(answered.get("model") or asked.get("model") or ""), LONGEST),
        provider=clean(str(request.get("provider") or ""), LONGEST),
        prompt_tokens=whole(usage.get("prompt_tokens")),
        completion_tokens=whole(usage.get("completion_tokens")),
        attributes=bounded(_attributes(metadata, request, response, status)),
    )


def _attributes(
    metadata: Mapping[str, Json], request: Mapping[str, Json], response: Mapping[str, Json], status: int | None
) -> dict[str, Json]:
    found = {name: value for name, value in metadata.items() if name not in IDS}
    found |= {"url": request.get("url"), "method": request.get("method"), "status": status}
    found |= {"request": request.get("body"), "response": response.get("body")}
    return {name: value for name, value in found.items() if value is not None}


def _table(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _said(metadata: Mapping[str, Json], log: Mapping[str, Json], *names: str) -> str:
    for table in (metadata, log):
        for name in names:
            if table.get(name):
                return clean(str(table[name]), LONGEST)
    return ""


def _ms(value: Json) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e12 else 0.0


def _time(value: Json) -> float | None:
    """Epoch seconds of a time in seconds, milliseconds, nanoseconds or ISO 8601."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError):
            value = float(value) if value.isascii() and value.replace(".", "", 1).isdigit() else None
    if not isinstance(value, int | float) or not 0 < value < 1e300:
        return None
    for unit in (1.0, 1e3, 1e6, 1e9):
        if value / unit < 1e11:
            return float(value) / unit
    return None

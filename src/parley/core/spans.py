"""Names of traces and spans, and how a part of a request becomes a span.

A trace that is made here has the digits of its request's id, so that each is found by the other without an index.
Spans that follow from a record have ids that follow from its id, so that they need no row of their own.
"""

from hashlib import blake2b
from os import urandom

import msgspec

from parley.core.call import Call
from parley.core.enclosures import Span
from parley.core.record import Record
from parley.core.reply import Json, Usage

REQUEST, TRACE, SESSION = "req_", "trc_", "ses_"
DIGITS = 36
W3C = 32
"""Hex digits of a trace id in W3C's `traceparent`: the first of ours."""
SPAN = 16
LONGEST = 256
"""Characters of a trace's id that tell traces apart; a record keeps all of it."""


def trace_of(request_id: str) -> str:
    """The trace that a request begins where its caller brought none."""
    return TRACE + request_id[len(REQUEST) :]


def request_of(trace_id: str) -> str | None:
    """The request that began this trace, by its own or its W3C id; None where the trace was not made here."""
    digits = trace_id.removeprefix(TRACE)
    made = len(digits) == DIGITS if trace_id.startswith(TRACE) else len(digits) == W3C
    return REQUEST + digits if made and _hex(digits) else None


def w3c_trace(trace_id: str) -> str:
    """A trace's id as W3C and OpenTelemetry have them, 32 hex digits; of an id of another kind a digest."""
    digits = trace_id.removeprefix(TRACE)[:W3C] if request_of(trace_id) else trace_id.lower()
    if len(digits) == W3C and _hex(digits):
        return digits
    return blake2b(trace_id.encode("utf-8", "replace"), digest_size=W3C // 2).hexdigest()


def root_span(request_id: str) -> str:
    """The id of a request's own span, 16 hex digits, unless its caller gave another."""
    return request_id[-SPAN:]


def nth_span(request_id: str, place: int) -> str:
    """The id of the span of a request's attempt number `place`, from 0."""
    root = root_span(request_id)
    base = int(root, 16) if _hex(root) else 0
    return f"{(base + 1 + place) % 2**64:016x}"


def new_span() -> str:
    """A fresh id: 16 hex digits."""
    return urandom(SPAN // 2).hex()


def span_of(
    whose: Call | Record,
    kind: str,
    name: str,
    began: float,
    ms: float,
    *,
    error: str | None = None,
    model: str = "",
    provider: str = "",
    usage: Usage | None = None,
    cost_usd: float | None = None,
    parent_id: str | None = None,
    **attributes: Json,
) -> Span:
    """A span below a request; `began` in epoch seconds. Other keywords become its attributes, JSON values."""
    if isinstance(whose, Call):
        trace_id, account = whose.trace.trace_id, whose.whose.account
    else:
        trace_id, account = whose.trace_id, whose.account
    return Span(
        trace_id=trace_id[:LONGEST],
        id=new_span(),
        parent_id=parent_id,
        request_id=whose.id,
        account=account,
        kind=kind,
        name=name,
        created=began,
        ms=ms,
        error=error.replace("\0", "\ufffd") if error else None,
        model=model,
        provider=provider,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cost_usd=cost_usd,
        attributes=msgspec.json.encode(attributes).decode() if attributes else None,
    )


def _hex(text: str) -> bool:
    return all(c in "0123456789abcdef" for c in text)

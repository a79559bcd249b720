"""Spans as OTLP has them, read from JSON or Protocol Buffers into one shape.

Shapes: opentelemetry-proto 1.7, `trace.proto`, `common.proto` (2026-08). In JSON ids are hexadecimal; long numbers
may be texts, names are in lowerCamelCase, and unknown ones are passed over.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct, field

from parley.core.errors import BadRequest
from parley.core.reply import Json
from parley.wire.errors import ProtobufError
from parley.wire.protobuf import double_of, read_fields, signed_of

LATEST = 2**64 - 1
DEEPEST = 16
"""Levels of values within attributes."""

Attributes = dict[str, Json]


class Sent(Struct, frozen=True, kw_only=True):
    """One span as it was sent; times in nanoseconds since 1970, ids in hex, `code` 2 is an error."""

    trace_id: str
    span_id: str
    parent_id: str = ""
    name: str = ""
    kind: int = 0
    start: int = 0
    end: int = 0
    code: int = 0
    message: str = ""
    attributes: Attributes = field(default_factory=dict)
    resource: Attributes = field(default_factory=dict)
    scope: str = ""


def read_json(body: bytes) -> list[Sent]:
    """The spans of an ExportTraceServiceRequest in JSON. Raises BadRequest."""
    try:
        request = msgspec.json.decode(body)
        return [
            _from_json(span, resource, scope)
            for resources in request.get("resourceSpans") or ()
            for resource in [_pairs_json((resources.get("resource") or {}).get("attributes"))]
            for scopes in resources.get("scopeSpans") or ()
            for scope in [str((scopes.get("scope") or {}).get("name") or "")]
            for span in scopes.get("spans") or ()
        ]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(f"it is not JSON: {error}") from None
    except (AttributeError, TypeError, ValueError, KeyError):
        raise _bad("it has not the shape of an ExportTraceServiceRequest") from None


def read_protobuf(body: bytes) -> list[Sent]:
    """The same in Protocol Buffers. Raises BadRequest."""
    try:
        found = []
        for resources in _messages(body, 1):
            resource: Attributes = {}
            for message in _messages(resources, 1):
                resource = _pairs(message, 1)
            for scopes in _messages(resources, 2):
                scope = "".join(_text(message, 1) for message in _messages(scopes, 1))
                found += [_span(span, resource, scope) for span in _messages(scopes, 2)]
        return found
    except ProtobufError as error:
        raise _bad(str(error)) from None
    except (AttributeError, TypeError, ValueError):
        raise _bad("it has not the shape of an ExportTraceServiceRequest") from None


def _bad(why: str) -> BadRequest:
    return BadRequest(f"The body is no OTLP export of traces: {why}.", code="invalid_otlp")


# ---- JSON


def _from_json(span: dict[str, Json], resource: Attributes, scope: str) -> Sent:
    status = span.get("status") or {}
    return Sent(
        trace_id=str(span["traceId"]).lower(),
        span_id=str(span["spanId"]).lower(),
        parent_id=str(span.get("parentSpanId") or "").lower(),
        name=str(span.get("name") or ""),
        kind=_number(span.get("kind")),
        start=_number(span.get("startTimeUnixNano")),
        end=_number(span.get("endTimeUnixNano")),
        code=_number(status.get("code")),
        message=str(status.get("message") or ""),
        attributes=_pairs_json(span.get("attributes")),
        resource=resource,
        scope=scope,
    )


def _number(value: Json) -> int:
    """A number of an enumeration may come as its name: `STATUS_CODE_ERROR`."""
    if isinstance(value, str) and value.endswith("ERROR"):
        return 2
    text = str(value) if isinstance(value, int | str) else ""
    return min(int(text), LATEST) if text.isascii() and text.isdigit() else 0


def _pairs_json(pairs: Json) -> Attributes:
    return {str(pair["key"]): _value_json(pair.get("value") or {}, 0) for pair in pairs or ()}


def _value_json(value: dict[str, Json], depth: int) -> Json:
    for name, held in value.items():
        if name == "intValue":
            return int(held)
        if name == "arrayValue":
            return [_value_json(one, depth + 1) for one in held.get("values") or ()] if depth < DEEPEST else None
        if name == "kvlistValue":
            pairs = held.get("values") or ()
            return (
                {str(p["key"]): _value_json(p.get("value") or {}, depth + 1) for p in pairs}
                if depth < DEEPEST
                else None
            )
        if name in ("stringValue", "boolValue", "doubleValue", "bytesValue"):
            return held
    return None


# ---- Protocol Buffers


def _messages(data: bytes, number: int) -> list[bytes]:
    return [value for at, value in read_fields(data) if at == number and isinstance(value, bytes)]


def _text(data: bytes, number: int) -> str:
    return "".join(value.decode("utf-8", "replace") for value in _messages(data, number)[:1])


def _span(data: bytes, resource: Attributes, scope: str) -> Sent:
    held: dict[int, Any] = {}
    attributes: Attributes = {}
    for number, value in read_fields(data):
        if number == 9:
            attributes |= [_pair(value, 0)] if isinstance(value, bytes) else ()
        else:
            held[number] = value
    status = dict(read_fields(held.get(15, b"")))
    return Sent(
        trace_id=held.get(1, b"").hex(),
        span_id=held.get(2, b"").hex(),
        parent_id=held.get(4, b"").hex(),
        name=held.get(5, b"").decode("utf-8", "replace"),
        kind=int(held.get(6, 0)),
        start=int(held.get(7, 0)),
        end=int(held.get(8, 0)),
        code=int(status.get(3, 0)),
        message=_bytes(status.get(2, b"")).decode("utf-8", "replace"),
        attributes=attributes,
        resource=resource,
        scope=scope,
    )


def _pairs(data: bytes, number: int) -> Attributes:
    return dict(_pair(message, 0) for message in _messages(data, number))


def _pair(data: bytes, depth: int) -> tuple[str, Json]:
    value = _messages(data, 2)
    return _text(data, 1), _value(value[0], depth) if value else None


def _bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""


def _list(value: int | bytes, depth: int) -> Json:
    return [_value(one, depth + 1) for one in _messages(_bytes(value), 1)] if depth < DEEPEST else None


def _table(value: int | bytes, depth: int) -> Json:
    return dict(_pair(one, depth + 1) for one in _messages(_bytes(value), 1)) if depth < DEEPEST else None


VALUES: dict[int, Callable[[Any, int], Json]] = {
    1: lambda value, depth: _bytes(value).decode("utf-8", "replace"),
    2: lambda value, depth: bool(value),
    3: lambda value, depth: signed_of(value),
    4: lambda value, depth: double_of(value),
    5: _list,
    6: _table,
    7: lambda value, depth: _bytes(value).hex(),
}
"""The kinds of AnyValue, by the number of their field."""


def _value(data: bytes, depth: int) -> Json:
    for number, value in read_fields(data):
        if number in VALUES:
            return VALUES[number](value, depth)
    return None

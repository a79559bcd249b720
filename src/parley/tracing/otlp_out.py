"""Writes the spans of requests as an OTLP export, with the attributes of OpenTelemetry's GenAI conventions.

Conventions: semantic-conventions 1.37, `gen-ai-spans` (2026-08). Content is not among them: it stays in the ledger.
"""

import hashlib
from collections.abc import Iterable

from parley.core.enclosures import Span, TraceMark
from parley.core.record import Record, Sealed
from parley.core.reply import Json
from parley.core.spans import root_span, w3c_trace
from parley.tracing.node import Node
from parley.tracing.parts import request_nodes, span_node
from parley.wire.protobuf import bytes_field, double_field, fixed64_field, text_field, varint_field

INTERNAL, SERVER, CLIENT = 1, 2, 3
KINDS = {"request": SERVER, "attempt": CLIENT, "judge": CLIENT, "correction": CLIENT}
ERROR = 2

OPERATIONS = {"chat": "chat", "completion": "text_completion", "embedding": "embeddings"}
PROVIDERS = {
    "gemini": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "azure": "azure.ai.openai",
}
"""Our names of providers where the conventions have another."""

LABELS = {
    "session_id": "gen_ai.conversation.id",
    "user_id": "user.id",
    "account": "parley.account",
    "application": "parley.application",
    "intent": "parley.intent",
    "outcome": "parley.outcome",
    "cache": "parley.cache",
    "fallback_reason": "parley.fallback_reason",
    "saved_usd": "parley.saved_usd",
    "first_token_ms": "parley.first_token_ms",
    "completion_id": "gen_ai.response.id",
    "status": "http.response.status_code",
}
"""What a request's span says of itself, by the names of the conventions."""


def export_of(records: Iterable[Record], version: str) -> tuple[bytes, int]:
    """An ExportTraceServiceRequest with the spans of these records, and how many there are."""
    spans = [one for record in records for one in _spans(record)]
    resource = bytes_field(1, _pair("service.name", "parley")) + bytes_field(1, _pair("service.version", version))
    scope = bytes_field(1, text_field(1, "parley") + text_field(2, version))
    scoped = scope + b"".join(bytes_field(2, span) for span in spans)
    return bytes_field(1, bytes_field(1, resource) + bytes_field(2, scoped)), len(spans)


def _spans(record: Record) -> Iterable[bytes]:
    kept = record.enclosures if isinstance(record, Sealed) else ()
    mark = next((one for one in kept if isinstance(one, TraceMark)), None)
    nodes = request_nodes(record, mark)
    root = nodes[0].id if nodes else root_span(record.id)
    nodes += [span_node(one, root) for one in kept if isinstance(one, Span)]
    trace = bytes.fromhex(w3c_trace(record.trace_id))
    return [_span(node, record, trace) for node in nodes]


def _span(node: Node, record: Record, trace: bytes) -> bytes:
    began = int(node.started * 1e9)
    parts = [
        bytes_field(1, trace),
        bytes_field(2, _span_id(node.id)),
        bytes_field(4, _span_id(node.parent_id)) if node.parent_id else b"",
        text_field(5, _name(node, record)),
        varint_field(6, KINDS.get(node.kind, INTERNAL)),
        fixed64_field(7, began),
        fixed64_field(8, began + int(node.ms * 1e6)),
        *(bytes_field(9, _pair(name, value)) for name, value in _attributes(node, record).items() if value is not None),
    ]
    if node.status == "error":
        parts.append(bytes_field(15, text_field(2, node.error or "error") + varint_field(3, ERROR)))
    return b"".join(parts)


def _name(node: Node, record: Record) -> str:
    if node.kind in ("request", "attempt") and node.name in (record.operation, f"{node.provider}/{node.model}"):
        return f"{OPERATIONS.get(record.operation, record.operation)} {node.model}".strip()
    return node.name


def _attributes(node: Node, record: Record) -> dict[str, Json]:
    found: dict[str, Json] = {"parley.kind": node.kind, "parley.request_id": node.request_id}
    if node.model:
        found["gen_ai.operation.name"] = OPERATIONS.get(record.operation, record.operation)
        found["gen_ai.request.model"] = node.model
    if node.provider:
        found["gen_ai.provider.name"] = PROVIDERS.get(node.provider, node.provider)
    if node.usage is not None:
        found["gen_ai.usage.input_tokens"] = node.usage.prompt_tokens
        found["gen_ai.usage.output_tokens"] = node.usage.completion_tokens
    if node.cost_usd is not None:
        found["parley.cost_usd"] = node.cost_usd
    if node.status == "error":
        found["error.type"] = str(node.attributes.get("status") or node.attributes.get("outcome") or "_OTHER")
    if node.kind == "request":
        found["gen_ai.response.model"] = record.upstream_model or None
        found["gen_ai.response.finish_reasons"] = [record.finish_reason] if record.finish_reason else None
        metadata = node.attributes.get("metadata") or {}
        found |= {f"parley.metadata.{name}": value for name, value in metadata.items()}
        found |= {name: node.attributes.get(own) for own, name in LABELS.items()}
    elif node.kind != "attempt":
        found |= node.attributes
    return found


def _span_id(id: str) -> bytes:
    """Eight bytes: those of an id that is one of OpenTelemetry's, else a digest of it."""
    try:
        found = bytes.fromhex(id)
    except ValueError:
        found = b""
    return found if len(found) == 8 else hashlib.blake2b(id.encode("utf-8", "replace"), digest_size=8).digest()


def _pair(name: str, value: Json) -> bytes:
    return text_field(1, name) + bytes_field(2, _value(value))


def _value(value: Json) -> bytes:
    if isinstance(value, bool):
        return varint_field(2, value)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return varint_field(3, value)
    if isinstance(value, float):
        return double_field(4, value)
    if isinstance(value, list | tuple):
        return bytes_field(5, b"".join(bytes_field(1, _value(one)) for one in value))
    if isinstance(value, dict):
        return bytes_field(6, b"".join(bytes_field(1, _pair(str(name), one)) for name, one in value.items()))
    return b"" if value is None else text_field(1, str(value))

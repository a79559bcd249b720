"""The error body of the union surface, written for clients and read from upstreams in all the shapes they use.

One body serves OpenAI's, Portkey's, RedPill's and OctoAI's clients: the last wants `message` and `type` at the top and,
on 422, `detail` as a list (checked with their SDKs, 2026-08).
"""

import msgspec
from msgspec import DecodeError

from parley.core.errors import GatewayError, UpstreamRefused
from parley.core.reply import Json

LONGEST = 500
"""Characters of an upstream's unstructured words that are passed on."""


def error_body(error: GatewayError) -> bytes:
    """The JSON that tells a client of the union surface what went wrong."""
    return msgspec.json.encode(error_json(error))


def error_json(error: GatewayError) -> dict[str, Json]:
    """As `error_body`, before encoding."""
    said = {"message": error.message, "type": error.type, "param": error.param, "code": error.code}
    body: dict[str, Json] = {"error": said, "object": "error", **said}
    if error.status == 422:
        where = ["body", error.param] if error.param else ["body"]
        body["detail"] = [{"loc": where, "msg": error.message, "type": error.code or error.type}]
    return body


def refusal(status: int, body: bytes) -> UpstreamRefused:
    """The upstream's error answer, its words kept: `{"error": {...}}`, `{"error": "..."}`, `{"detail": ...}`,
    `{"message": ...}`, `{"msg": ...}`, a list around one of these, plain text or HTML."""
    try:
        value = msgspec.json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        value = body.decode("utf-8", "replace")
    return refusal_of(status, value)


def refusal_of(status: int, value: Json) -> UpstreamRefused:
    """As `refusal`, of the decoded body."""
    if isinstance(value, list) and len(value) == 1:  # Gemini's OpenAI endpoint wraps its errors in a list (2026-08)
        value = value[0]
    said = value
    if isinstance(value, dict):
        inner = value.get("error")
        said = inner if isinstance(inner, dict) and inner else value
    if not isinstance(said, dict):
        return UpstreamRefused(_words(said, status), status=status)
    return UpstreamRefused(
        _message(said, status),
        status=status,
        type=_word(said.get("type")) or _word(said.get("status")),
        param=_word(said.get("param")),
        code=_word(said.get("code")),
    )


def _message(said: dict[str, Json], status: int) -> str:
    for name in ("message", "error", "detail", "msg", "error_message", "errors"):
        if said.get(name):
            return _words(said[name], status)
    return _words(said, status)


def _words(value: Json, status: int) -> str:
    """`value` as text of at most `LONGEST` characters, never empty."""
    if isinstance(value, dict) and isinstance(value.get("message"), str):
        value = value["message"]
    if value is None or value in ("", {}, []):
        return f"The upstream answered with status {status} and no words."
    text = (value if isinstance(value, str) else msgspec.json.encode(value).decode()).strip()
    return text[:LONGEST] or f"The upstream answered with status {status} and no words."


def _word(value: Json) -> str | None:
    if isinstance(value, str) and value:
        return value[:LONGEST]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None

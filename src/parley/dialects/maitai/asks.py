"""Reads Maitai's envelope into a request of the union surface; provider keys in it are dropped unread."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from parley.core.asks import Json
from parley.core.errors import BadRequest
from parley.core.reading import read_body

NAME = "maitai"


class Envelope(Struct, frozen=True):
    """What stands around the parameters; `auth_keys` and `client_params` are left where they are."""

    params: dict[str, Raw]
    application_ref_name: str | None = None
    action_type: str | None = None
    session_id: str | None = None
    reference_id: str | None = None
    user_id: str | None = None
    metadata: dict[str, Json] | None = None
    evaluation_enabled: bool | None = None
    apply_corrections: bool | None = None
    safe_mode: bool | None = None
    return_evaluation: bool | None = None
    return_request: bool | None = None
    fallback_config: dict[str, Json] | None = None
    request_id: str | None = None
    # Until 1.2.24.
    assistant: bool | None = None
    context_retrieval_enabled: bool | None = None
    context_query: str | None = None
    fallback_model: str | None = None


class Asked(Struct, frozen=True, kw_only=True):
    """What the client wants of the answer beside the answer."""

    evaluation: bool = False
    request: Raw | None = None
    request_id: str | None = None


_ENVELOPE = msgspec.json.Decoder(Envelope)
_PARAMS = msgspec.json.Decoder(dict[str, Any])

DROPPED = frozenset(
    {"extra_headers", "extra_query", "extra_body", "timeout", "reasoning", "default_chat_template_kwargs"}
)
"""Parameters that are the client library's own, or that are told otherwise here."""

RENAMED = {"application_ref_name": "application", "action_type": "intent"}
SERVICE = (
    "session_id",
    "reference_id",
    "user_id",
    "metadata",
    "evaluation_enabled",
    "apply_corrections",
    "safe_mode",
    "fallback_config",
    "assistant",
    "context_retrieval_enabled",
    "context_query",
    "fallback_model",
)
NOT_SAID: dict[str, Json] = {"evaluation_enabled": True, "apply_corrections": False, "safe_mode": False}
"""What the client sends of itself while it knows no configuration, so that it can't be told from somebody's wish."""


def unwrap(body: bytes) -> tuple[bytes, Asked]:
    """The union surface's request in an envelope, and what is wanted beside its answer.

    Raises BadRequest for what is no envelope.
    """
    envelope, fields = read_body(_ENVELOPE, body)
    params = dict(envelope.params)
    chat: dict[str, Any] = {name: raw for name, raw in params.items() if name not in DROPPED}
    if "extra_body" in params:
        chat |= _object(params["extra_body"], "params.extra_body")
    if "reasoning" in params and (effort := _object(params["reasoning"], "params.reasoning").get("effort")):
        chat.setdefault("reasoning_effort", effort)
    if "tools" in params:
        chat["tools"] = _plain_tools(msgspec.json.decode(params["tools"]))
    deferred = params.get("model", b"null") == b"null"
    for name in (*RENAMED, *SERVICE):
        value = getattr(envelope, name)
        if value is None or value in ("", {}) or (deferred and NOT_SAID.get(name) is value):
            continue
        chat[RENAMED.get(name, name)] = fields[name]
    asked = Asked(
        evaluation=bool(envelope.return_evaluation),
        request=Raw(msgspec.json.encode(envelope.params)) if envelope.return_request else None,
        request_id=envelope.request_id,
    )
    return msgspec.json.encode(chat), asked


def _object(raw: Raw, name: str) -> dict[str, Any]:
    try:
        return _PARAMS.decode(raw) if raw != b"null" else {}
    except msgspec.ValidationError:
        raise BadRequest(f"`{name}` must be an object.", param=name) from None


def _plain_tools(tools: Json) -> Json:
    """The tools without what the client's own models put into every property: nulls, and an empty `enum`.

    An empty `enum` allows no value at all, which strict providers say.
    """
    if isinstance(tools, list):
        return [_plain_tools(tool) for tool in tools]
    if not isinstance(tools, dict):
        return tools
    kept = {name: value for name, value in tools.items() if value is not None and not (name == "enum" and value == [])}
    return {name: _plain_tools(value) for name, value in kept.items()}

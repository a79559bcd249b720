"""Answers that a client got elsewhere with its own key and hands in: for the ledger, and to be judged."""

from typing import Any

import msgspec
from msgspec import Struct

from parley.core.errors import BadRequest
from parley.core.reading import read_body


class Submitted(Struct, frozen=True, kw_only=True):
    """A request of the union surface, and the chat completion that answered it."""

    request: dict[str, Any]
    response: dict[str, Any]


class _Request(Struct, frozen=True):
    application_ref_name: str | None = None
    action_type: str | None = None
    session_id: str | None = None
    reference_id: str | None = None
    user_id: str | None = None
    metadata: dict[str, Any] | None = None
    params: dict[str, Any] | None = None


class _Body(Struct, frozen=True):
    chat_completion_response: dict[str, Any] | None = None
    chat_completion_request: _Request | None = None
    message_content: list[dict[str, Any]] | None = None
    application_ref_name: str | None = None
    action_type: str | None = None
    session_id: str | None = None
    reference_id: str | None = None


_BODY = msgspec.json.Decoder(_Body)
DROPPED = ("extra_headers", "extra_query", "extra_body", "stream", "stream_options", "timeout")


def read_submitted(body: bytes) -> Submitted:
    """What `PUT /chat/completions/response`, `POST /evaluation/submit` and `/evaluation/request` hand in.

    Raises BadRequest where the answer or the conversation is missing.
    """
    read, _ = read_body(_BODY, body)
    inner = read.chat_completion_request or _Request()
    params = {name: value for name, value in (inner.params or {}).items() if value is not None and name not in DROPPED}
    answer = read.chat_completion_response
    if answer is None or not answer.get("choices"):
        raise BadRequest("`chat_completion_response` with its choices is required.", param="chat_completion_response")
    if "messages" not in params:
        if not read.message_content:
            raise BadRequest("`chat_completion_request` is required.", param="chat_completion_request")
        params["messages"] = read.message_content[:-1] or read.message_content
    whose = {
        "application": inner.application_ref_name or read.application_ref_name,
        "intent": inner.action_type or read.action_type,
        "session_id": inner.session_id or read.session_id,
        "reference_id": inner.reference_id or read.reference_id,
        "user_id": inner.user_id or None,
        "metadata": inner.metadata or None,
    }
    return Submitted(request={**params, **{k: v for k, v in whose.items() if v}}, response=answer)


class _Logged(Struct, frozen=True):
    request: dict[str, Any]
    response: dict[str, Any]
    provider: str = "openai"
    action_type: str | None = None
    application_ref_name: str | None = None
    session_id: str | None = None
    reference_id: str | None = None
    user_id: str | None = None
    metadata: dict[str, Any] | None = None


_LOGGED = msgspec.json.Decoder(_Logged)


def read_logged(body: bytes) -> tuple[Submitted, str]:
    """What `PUT /chat/completions/log` leaves, and the provider that answered.

    Only OpenAI's form is understood; raises BadRequest for a provider's own.
    """
    read, _ = read_body(_LOGGED, body)
    if "messages" not in read.request or not isinstance(read.response.get("choices"), list):
        raise BadRequest(
            f"Only requests and responses in OpenAI's form are taken, not {read.provider}'s own: send them through "
            "Parley instead, which speaks that provider's language.",
            param="request",
        )
    params = {name: value for name, value in read.request.items() if value is not None and name not in DROPPED}
    whose = {
        "application": read.application_ref_name,
        "intent": read.action_type,
        "session_id": read.session_id,
        "reference_id": read.reference_id,
        "user_id": read.user_id,
        "metadata": read.metadata or None,
    }
    kept = {name: value for name, value in whose.items() if value}
    return Submitted(request={**params, **kept}, response=read.response), read.provider

"""Maitai's paths, for `/openapi.json` and the reference: those of its client, and the public ones that are answered."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from parley.server.api.operation import Operation

Object = dict[str, Any]
Text = str | None
CALL_ERRORS = (404, 412, 422, 429, 502, 504)


class Serialized(Struct, frozen=True, kw_only=True):
    """A chat as Maitai's client sends it: `params` are OpenAI's; what is said of nobody is left out or null."""

    params: Object
    application_ref_name: Text = None
    action_type: Text = None
    session_id: Text = None
    reference_id: Text = None
    user_id: Text = None
    metadata: Object | None = None
    evaluation_enabled: bool | None = None
    apply_corrections: bool | None = None
    safe_mode: bool | None = None
    return_evaluation: bool | None = None
    return_request: bool | None = None
    fallback_config: Object | None = None
    assistant: bool | None = None
    context_retrieval_enabled: bool | None = None
    context_query: Text = None
    fallback_model: Text = None


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A request that a client asked a provider itself, and the answer that it got."""

    chat_completion_response: Object
    chat_completion_request: Object | None = None
    message_content: list[Object] | None = None
    application_ref_name: Text = None
    action_type: Text = None
    session_id: Text = None
    reference_id: Text = None


class Logged(Struct, frozen=True, kw_only=True):
    """A request and its answer, to be kept in the ledger."""

    request: Object
    response: Object
    provider: str = "openai"
    action_type: Text = None
    application_ref_name: Text = None
    session_id: Text = None
    reference_id: Text = None
    user_id: Text = None
    metadata: Object | None = None


class Context(Struct, frozen=True, kw_only=True):
    """A text, or a file that was sent before (`context_type` FILE, its id in `context_path`)."""

    reference: str
    context_type: Literal["TEXT", "FILE"] | None = None
    context_body: Text = None
    context_path: Text = None
    description: Text = None


class ContextUpdate(Struct, frozen=True, kw_only=True):
    """The context of an application."""

    context: Context
    application_ref_name: Text = None


class RequestsQuery(Struct, frozen=True, kw_only=True):
    """Which requests, and which part of the list."""

    application: Text = None
    application_ref_name: Text = None
    session_id: Text = None
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0
    limit: Annotated[int, Meta(ge=0, le=100)] = 25


class SessionFeedback(Struct, frozen=True, kw_only=True):
    """What somebody thinks of a session: at least one of the two."""

    feedback_score: Annotated[float, Meta(ge=-1_000_000, le=1_000_000)] | None = None
    feedback_text: Text = None


class RightAnswer(Struct, frozen=True, kw_only=True):
    """The answer that a request should have had, as a chat completion."""

    choices: list[Object]


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, summary=summary, tag="maitai", **{"answer": Object, **more})


OPERATIONS = (
    _operation(
        "POST",
        "/chat/completions/serialized",
        "Answer a conversation, as lines of JSON",
        body=Serialized,
        answer="application/x-ndjson",
        errors=CALL_ERRORS,
    ),
    _operation("GET", "/config/init_sdk", "Read what every application and intent settles"),
    _operation("PUT", "/metrics/timing", "Leave timings, which are not kept: the ledger has its own", body=Object),
    _operation("PUT", "/metrics/increment/python_sdk_error", "Leave a fault of the client, for the log", body=Object),
    _operation("PUT", "/chat/completions/response", "Hand in an answer got elsewhere, to be kept", body=Elsewhere),
    _operation("POST", "/evaluation/submit", "Hand in an answer got elsewhere, to be evaluated", body=Elsewhere),
    _operation("POST", "/evaluation/request", "Hand in an answer got elsewhere, to be evaluated", body=Elsewhere),
    _operation("PUT", "/chat/completions/log", "Keep a request and its answer", body=Logged),
    _operation(
        "PUT",
        "/context/application",
        "Bring a text or a file as context",
        body=ContextUpdate,
        errors=(409, 415),
    ),
    _operation("POST", "/context/application/file", "Bring a file, to be made context", upload=True, errors=(415,)),
    _operation("POST", "/files", "Bring a file that messages may refer to for a day", upload=True, errors=(415,)),
    _operation("GET", "/api/v1/models", "List the models, in Maitai's envelope"),
    _operation("GET", "/api/v1/applications", "List the applications and their intents"),
    _operation("GET", "/api/v1/applications/{application}/config", "Read what an application settles", errors=(404,)),
    _operation("GET", "/api/v1/requests", "List requests, in Maitai's envelope", query=RequestsQuery),
    _operation("GET", "/api/v1/requests/{id}", "Read one request", errors=(404,)),
    _operation(
        "PUT", "/api/v1/requests/{id}/response", "Say what the answer should be", body=RightAnswer, errors=(404,)
    ),
    _operation(
        "POST",
        "/api/v1/sessions/{session}/feedback",
        "Say what a session was worth",
        body=SessionFeedback,
        errors=(404,),
    ),
)

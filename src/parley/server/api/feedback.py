"""`/api/feedback`: what people thought of a request, a session or a trace; and what a sentinel may learn from it.

Keys for inference give feedback on what is their own account's, and read it.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, structs

from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import Feedback
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed

PATH = "/api/feedback"
ONE = f"{PATH}/{{id}}"
TAG = "feedback"

Id = Annotated[str, Meta(min_length=1, max_length=512)]
Score = Annotated[float, Meta(ge=-10, le=10, description="What it is worth, from -10 to 10.")]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]


class NewFeedback(Struct, frozen=True, kw_only=True):
    """What somebody thinks of a request (either id), a session or a trace; `corrected` is the answer it should be."""

    request_id: Id | None = None
    session_id: Id | None = None
    trace_id: Id | None = None
    application: Id | None = None
    score: Score | None = None
    weight: Annotated[float, Meta(ge=0, le=1)] | None = None
    text: Text | None = None
    corrected: Text | None = None
    metadata: dict[str, Any] | None = None


class FeedbackChanges(Struct, frozen=True, kw_only=True):
    """What to change of it."""

    score: Score | None = None
    weight: Annotated[float, Meta(ge=0, le=1)] | None = None
    text: Text | None = None
    corrected: Text | None = None
    metadata: dict[str, Any] | None = None


class FeedbackQuery(Struct, frozen=True, kw_only=True):
    """Which feedback."""

    account: Id | None = None
    application: Id | None = None
    request_id: Id | None = None
    session_id: Id | None = None
    trace_id: Id | None = None
    limit: Limit = 50
    after: Cursor | None = None


class NewExample(Struct, frozen=True, kw_only=True):
    """Which sentinel is to learn what; without an intent the one of the request."""

    sentinel: Id
    status: Literal["PASS", "FAULT", "NA"]
    reason: Text | None = None
    intent: Id | None = None


class Learned(Struct, frozen=True, kw_only=True):
    """Where the example went."""

    application: str
    intent: str | None
    version: int
    sentinel: str
    example: dict[str, Any]


async def give(services: ApiServices, asked: Asked) -> Any:
    """New feedback."""
    body: NewFeedback = asked.body
    given = {name: value for name, value in structs.asdict(body).items() if value is not None}
    if not {"score", "text", "corrected"} & set(given):
        raise BadRequest("Feedback says something: give `score`, `text` or `corrected`.", param="score")
    caller = asked.caller
    (kept,) = await services.feedback.give(caller.account, caller.key_id, asked.only, [given])
    return Answer(body=structs.asdict(kept), status=201)


async def list_feedback(services: ApiServices, asked: Asked) -> Any:
    """Feedback, newest first."""
    query: FeedbackQuery = asked.query
    wanted = {n: v for n, v in structs.asdict(query).items() if v is not None and n not in ("limit", "after")}
    if asked.only is not None:
        wanted["account"] = asked.only
    page = await services.feedback.page(query.limit, query.after, wanted)
    return {"data": [structs.asdict(one) for one in page.data], "next": page.next}


async def read(services: ApiServices, asked: Asked) -> Any:
    """One feedback."""
    return structs.asdict(await services.feedback.get(asked.path["id"], asked.only))


async def change(services: ApiServices, asked: Asked) -> Any:
    """Changes what was said."""
    changes = {name: value for name, value in structs.asdict(asked.body).items() if value is not None}
    return structs.asdict(await services.feedback.change(asked.path["id"], asked.only, **changes))


async def learn(services: ApiServices, asked: Asked) -> Any:
    """Adds the answer as an example to a sentinel of the request's intent, or of its application."""
    body: NewExample = asked.body
    record, example = await services.feedback.example(asked.path["id"], asked.only, body.status, body.reason)
    for intent in (body.intent or record.intent, None):
        try:
            settled = await services.configs.current(record.application, intent)
        except NotFound:
            continue
        sentinels = settled.config.get("sentinels") or []
        if any(one.get("name") == body.sentinel for one in sentinels):
            taught = [_taught(one, example) if one.get("name") == body.sentinel else one for one in sentinels]
            config = {**settled.config, "sentinels": taught}
            author, version = asked.caller.key_id, settled.version
            kept = await services.configs.put(record.application, intent, config, author, version)
            return structs.asdict(
                Learned(
                    application=record.application,
                    intent=intent,
                    version=kept.version,
                    sentinel=body.sentinel,
                    example=example,
                )
            )
    raise NotFound(f"{record.application} has no sentinel `{body.sentinel}` for this request.")


def _taught(sentinel: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {**sentinel, "examples": [*(sentinel.get("examples") or []), example]}


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    fields = {"answer": Feedback, "scope": "inference", **more}
    return Operation(method=method, path=path, tag=TAG, summary=summary, **fields)


ENDPOINTS = (
    Endpoint(
        _operation("POST", PATH, "Say what an answer was worth", body=NewFeedback, status=201, errors=(404,)), give
    ),
    Endpoint(
        _operation("GET", PATH, "List feedback, newest first", query=FeedbackQuery, answer=Listed[Feedback]),
        list_feedback,
    ),
    Endpoint(_operation("GET", ONE, "Read feedback", errors=(404,)), read),
    Endpoint(_operation("PATCH", ONE, "Change feedback", body=FeedbackChanges, errors=(404,)), change),
    Endpoint(
        _operation(
            "POST",
            f"{ONE}/example",
            "Make the answer an example for a sentinel",
            body=NewExample,
            answer=Learned,
            errors=(404, 409),
            scope="admin",
        ),
        learn,
    ),
)

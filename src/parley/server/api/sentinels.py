"""`/api/sentinels/test`: sentinels tried on answers before they are turned on.

Sentinels themselves are part of what an application or intent settles: `/api/applications/...`.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from parley.core.call import Whose
from parley.core.errors import BadRequest
from parley.evaluation.tryout import try_out
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices

Name = Annotated[str, Meta(min_length=1, max_length=256)]


class Tryout(Struct, frozen=True, kw_only=True):
    """Which sentinels (given, or those of an application and intent) are tried on which answers.

    An answer has `answer`, and may have `status` (its label: PASS, FAULT or NA), `sentinel` (whom the label is meant
    for), `input` or `messages`, `context`, `tools`, `tool_calls`, `schema` and `finish`.
    """

    answers: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=100)]
    sentinels: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=64)] | None = None
    application: Name | None = None
    intent: Name | None = None
    judge: Annotated[Name, Meta(description="Who judges where a sentinel names nobody.")] | None = None


class Tried(Struct, frozen=True, kw_only=True):
    """Every verdict, by the place of its answer, and a score per sentinel: precision and recall of its faults."""

    answers: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    cost_usd: float | None


async def test(services: ApiServices, asked: Asked) -> Any:
    """Tries sentinels on answers."""
    body: Tryout = asked.body
    sentinels, judge = body.sentinels, body.judge
    if sentinels is None:
        if body.application is None:
            raise BadRequest("Give `sentinels`, or the `application` whose sentinels are meant.", param="sentinels")
        settled = services.settled(body.application, body.intent or "default")
        sentinels, judge = settled.sentinels or [], judge or settled.judge
        if not sentinels:
            raise BadRequest(f"{body.application} has no sentinels for this intent.", param="application")
    whose = Whose(
        account=asked.caller.account,
        application=body.application or "default",
        intent=body.intent or "default",
        session_id="",
    )
    needs_judge = any(one.get("kind", "llm") == "llm" and not one.get("judge") for one in sentinels)
    if needs_judge and judge is None:
        raise BadRequest("A sentinel asks a model: name it as `judge`.", param="judge")
    return structs.asdict(Tried(**await try_out(sentinels, body.answers, services.asker(whose), judge, judge or "")))


ENDPOINTS = (
    Endpoint(
        Operation(
            method="POST",
            path="/api/sentinels/test",
            tag="evaluations",
            summary="Try sentinels on answers, labelled or not",
            body=Tryout,
            answer=Tried,
        ),
        test,
    ),
)

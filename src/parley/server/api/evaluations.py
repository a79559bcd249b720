"""`/api/evaluations`: what was said of answers, one by one, as a list, or as server-sent events while it happens.

Keys for inference read the evaluations of their own account: the SDK tells its callers with them.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.responses import StreamingResponse

from parley.core.enclosures import EvaluationRow, VerdictRow
from parley.core.errors import Overloaded
from parley.evaluation.shown import shown, shown_row
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed, When
from parley.server.api.within import ordered

PATH = "/api/evaluations"
TAG = "evaluations"
LISTENERS = 256
"""Event streams that are open at once in one worker."""
PING = 15.0
"""Seconds of silence before a comment is sent."""

Status = Literal["PASS", "FAULT", "ERROR"]


class OneQuery(Struct, frozen=True, kw_only=True):
    """How long to wait for it."""

    wait: Annotated[float, Meta(ge=0, le=60, description="Seconds to wait while it is PENDING.")] = 0.0


class Wanted(Struct, frozen=True, kw_only=True):
    """Which evaluations."""

    account: str | None = None
    application: str | None = None
    intent: str | None = None
    session_id: str | None = None
    status: Annotated[Status, Meta(description="Of what the model said.")] | None = None
    delivered: Annotated[Status, Meta(description="Of what was delivered.")] | None = None
    sentinel: Annotated[str, Meta(description="Only those in which this sentinel spoke.")] | None = None


class ListQuery(Wanted, frozen=True, kw_only=True):
    """Which evaluations, and which part of the list."""

    since: When | None = None
    until: When | None = None
    limit: Limit = 50
    after: Cursor | None = None


class Result(Struct, frozen=True, kw_only=True):
    """What one sentinel said of one choice of the answer; `confidence` is 0 to 100."""

    name: str
    kind: str
    status: Literal["PASS", "FAULT", "NA", "ERROR"]
    severity: str
    description: str
    confidence: float
    correction: str | None
    choice: int
    time_ms: float
    usage: dict[str, Any] | None
    cost_usd: float | None
    judge: str | None
    prompt_version: str | None


class ShownEvaluation(Struct, frozen=True, kw_only=True):
    """An evaluation: `status` and `results` are of what the model said, `delivered` is of what the caller got.

    `status` is PENDING while it is owed, NA where there was nothing to judge the answer by. `final_results` are there
    where the answer was corrected: what was said of the one that was delivered.
    """

    object: str
    request_id: str
    status: Literal["PENDING", "PASS", "FAULT", "ERROR", "NA"]
    delivered: Literal["PENDING", "PASS", "FAULT", "ERROR", "NA"]
    created: float | None
    correction_applied: bool
    rounds: int
    time_ms: float
    cost_usd: float | None
    reason: str | None
    results: list[Result]
    final_results: list[Result] | None = None
    completion_id: str | None = None
    account: str | None = None
    application: str | None = None
    intent: str | None = None
    session_id: str | None = None
    mode: Literal["background", "corrections", "safe"] | None = None


async def get_evaluation(services: ApiServices, asked: Asked) -> Any:
    """One evaluation by either id of its request, waited for if wanted."""
    return shown(await services.evaluations.standing(asked.path["id"], asked.only, asked.query.wait))


async def list_evaluations(services: ApiServices, asked: Asked) -> Any:
    """Evaluations, newest first."""
    query: ListQuery = asked.query
    since, until = ordered(query.since, query.until)
    times = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    page = await services.evaluations.page(query.limit, query.after, {**filters(query, asked), **times})
    return {"data": [shown_row(*kept) for kept in page.data], "next": page.next}


class Listeners:
    """How many listen in this worker."""

    def __init__(self) -> None:
        self.open = 0


HERE = Listeners()


async def listen(services: ApiServices, asked: Asked) -> Any:
    """Evaluations as they come to be; `Last-Event-ID` goes on where a stream was left."""
    if HERE.open >= LISTENERS:
        raise Overloaded("Too many event streams are open here; close one, or use a webhook.", retry_after="5")
    since = _place(asked.last_event_id)
    events = _events(services, filters(asked.query, asked), since, asked)
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(events, 200, headers, media_type="text/event-stream")


async def _events(
    services: ApiServices, wanted: dict[str, Any], since: float, asked: Asked
) -> AsyncGenerator[bytes, None]:
    HERE.open += 1
    try:
        yield b": evaluations as they come to be\n\n"
        last = asyncio.get_running_loop().time()
        found = services.evaluations.listen(since, wanted)
        async with aclosing(found):
            async for batch in found:
                now = asyncio.get_running_loop().time()
                if asked.stopping():
                    return
                if batch:
                    yield b"".join(_event(*kept) for kept in batch)
                    last = now
                elif now - last >= PING:
                    yield b": ping\n\n"
                    last = now
    finally:
        HERE.open -= 1


def _event(row: EvaluationRow, verdicts: tuple[VerdictRow, ...]) -> bytes:
    data = msgspec.json.encode(shown_row(row, verdicts))
    return b"id: %.6f\nevent: evaluation\ndata: %b\n\n" % (row.created, data)


def _place(last: str | None) -> float:
    try:
        return float(last) + 1e-6 if last else time.time()
    except ValueError:
        return time.time()


def filters(query: Wanted, asked: Asked) -> dict[str, Any]:
    """The filters that are given; the account is the key's own where it may see no other."""
    found = {name: value for name in Wanted.__struct_fields__ if (value := getattr(query, name)) is not None}
    return found if asked.only is None else {**found, "account": asked.only}


def _operation(path: str, summary: str, **more: Any) -> Operation:
    return Operation(method="GET", path=path, tag=TAG, summary=summary, scope="inference", **more)


ENDPOINTS = (
    Endpoint(
        _operation(PATH, "List the evaluations, newest first", query=ListQuery, answer=Listed[ShownEvaluation]),
        list_evaluations,
    ),
    Endpoint(
        _operation(
            f"{PATH}/events", "Hear of evaluations as they come (SSE)", query=Wanted, answer="text/event-stream"
        ),
        listen,
    ),
    Endpoint(
        _operation(
            f"{PATH}/{{id}}",
            "Read the evaluation of a request, by either of its ids, waiting for it if wanted",
            query=OneQuery,
            answer=ShownEvaluation,
            errors=(404,),
        ),
        get_evaluation,
    ),
)

"""`/api/sessions`: conversations with all that happened in them, to be read, taken along and removed."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field, structs
from starlette.responses import StreamingResponse

from parley.core.errors import NotFound
from parley.core.holdings import SessionSums, SessionTurn
from parley.memory.session_desk import SessionDesk
from parley.server.api.memories import Name, own_account
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.requests import ShownRecord, shown
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed, When
from parley.server.api.within import ordered


class SessionsQuery(Struct, frozen=True, kw_only=True):
    """Which sessions: their newest request is within the time."""

    application: Name | None = None
    account: Name | None = None
    user_id: Name | None = None
    since: When | None = None
    until: When | None = None
    limit: Limit = 50
    after: Cursor | None = None


class SessionQuery(Struct, frozen=True, kw_only=True):
    """Which session: an id means something within an application and an account."""

    application: Annotated[Name, Meta(description="The application of the session's requests.")] = "default"
    account: Annotated[Name | None, Meta(description="Needed where several accounts have such a session.")] = None


class TimelineQuery(SessionQuery, frozen=True, kw_only=True):
    """Which session, and which part of it."""

    limit: Limit = 200
    after: Cursor | None = None


class ShownTurn(ShownRecord, frozen=True, kw_only=True):
    """A request with what was judged and thought of its answer."""

    evaluation: dict[str, Any] | None = None
    feedback: list[dict[str, Any]] = field(default_factory=list)


class Timeline(SessionSums, frozen=True, kw_only=True):
    """A session: what it comes to, and its turns, oldest first; `next` is null on the last page."""

    turns: list[ShownTurn] = field(default_factory=list)
    next: str | None = None


class RemovedSession(Struct, frozen=True, kw_only=True):
    """How much was removed; of `requests` the content and the session, as the accounts need the rest."""

    removed: int
    requests: int = 0
    turns: int = 0
    summaries: int = 0
    evaluations: int = 0
    feedback: int = 0
    cached_answers: int = 0
    jobs: int = 0


async def list_sessions(services: ApiServices, asked: Asked) -> Any:
    """Sessions, that with the newest request first."""
    query: SessionsQuery = asked.query
    since, until = ordered(query.since, query.until)
    filters = {
        "application": query.application,
        "account": own_account(asked, query.account),
        "user_id": query.user_id,
        "since": since,
        "until": until,
    }
    page = await _desk(services).page(filters, query.limit, query.after)
    return {"data": page.data, "next": page.next}


async def get_session(services: ApiServices, asked: Asked) -> Any:
    """A session's timeline."""
    query: TimelineQuery = asked.query
    desk, session = _desk(services), asked.path["session_id"]
    sums = await desk.get(own_account(asked, query.account), query.application, session)
    page = await desk.turns(sums, query.limit, query.after)
    return {**structs.asdict(sums), "turns": [_turn(turn) for turn in page.data], "next": page.next}


async def export_session(services: ApiServices, asked: Asked) -> Any:
    """A session's turns as JSON lines, oldest first."""
    query: SessionQuery = asked.query
    desk = _desk(services)
    sums = await desk.get(own_account(asked, query.account), query.application, asked.path["session_id"])
    saved = {"content-disposition": 'attachment; filename="parley-session.jsonl"'}
    return StreamingResponse(_lines(desk, sums), media_type="application/jsonl", headers=saved)


async def remove_session(services: ApiServices, asked: Asked) -> Any:
    """Removes a session."""
    query: SessionQuery = asked.query
    counts = await _desk(services).remove(
        own_account(asked, query.account), query.application, asked.path["session_id"]
    )
    return RemovedSession(removed=sum(counts.values()), **counts)


def _desk(services: ApiServices) -> SessionDesk:
    if services.sessions is None:
        raise NotFound("There are no sessions here.")
    return services.sessions


def _turn(turn: SessionTurn) -> dict[str, Any]:
    return {**shown(turn.record), "evaluation": turn.evaluation, "feedback": turn.feedback}


async def _lines(desk: SessionDesk, sums: SessionSums) -> AsyncIterator[bytes]:
    after: str | None = None
    while True:
        page = await desk.turns(sums, 200, after)
        yield b"".join(msgspec.json.encode(_turn(turn)) + b"\n" for turn in page.data)
        if (after := page.next) is None:
            return


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/sessions",
            tag="sessions",
            summary="List sessions, that with the newest request first",
            query=SessionsQuery,
            answer=Listed[SessionSums],
            scope="inference",
        ),
        list_sessions,
    ),
    Endpoint(
        Operation(
            method="GET",
            path="/api/sessions/{session_id}",
            tag="sessions",
            summary="Read a session's timeline, oldest first",
            query=TimelineQuery,
            answer=Timeline,
            errors=(404,),
            scope="inference",
        ),
        get_session,
    ),
    Endpoint(
        Operation(
            method="GET",
            path="/api/sessions/{session_id}/export",
            tag="sessions",
            summary="Export a session's turns as JSON lines",
            query=SessionQuery,
            answer="application/jsonl",
            errors=(404,),
            scope="inference",
        ),
        export_session,
    ),
    Endpoint(
        Operation(
            method="DELETE",
            path="/api/sessions/{session_id}",
            tag="sessions",
            summary="Remove a session with everything that was said in it",
            query=SessionQuery,
            answer=RemovedSession,
            errors=(404,),
            scope="inference",
        ),
        remove_session,
    ),
)

"""`/api/requests`: the ledger's records, listed with filters or read by either id."""

from typing import Any

import msgspec
from msgspec import structs

from parley.core.errors import NotFound
from parley.core.record import Attempt, Record
from parley.core.reply import Usage
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed, Within
from parley.server.api.within import filters_of, ordered


class ShownUsage(Usage, frozen=True, kw_only=True):
    """Tokens, with the sum as clients know it."""

    total_tokens: int = 0


class ShownRecord(Record, frozen=True, kw_only=True):
    """A record as JSON: what was asked and answered is there where content is kept, and null elsewhere."""

    usage: ShownUsage | None = None
    messages: Any = None
    answer: Any = None


class RequestsQuery(Within, frozen=True, kw_only=True):
    """Which records; `content=false` leaves messages and answers out."""

    limit: Limit = 50
    after: Cursor | None = None

    content: bool = True


async def list_requests(services: ApiServices, asked: Asked) -> Any:
    """Records, newest first."""
    query: RequestsQuery = asked.query
    since, until = ordered(query.since, query.until)
    times = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    page = await services.requests.page(query.limit, query.after, {**filters_of(query), **times}, content=query.content)
    return {"data": [shown(record) for record in page.data], "next": page.next}


async def get_request(services: ApiServices, asked: Asked) -> Any:
    """One record, by its id or its completion id."""
    record = await services.requests.get(asked.path["id"])
    if record is None:
        raise NotFound(
            f"There is no request with the id {asked.path['id']}; it is the answer's `x-request-id` or its `id`."
        )
    return shown(record)


def shown(record: Record) -> dict[str, Any]:
    """The record as JSON shows it; messages and answer are put in as the JSON they are, unread."""
    body = structs.asdict(record)
    body["attempts"] = record.attempts or _only(record)
    if record.usage is not None:
        body["usage"] = {**structs.asdict(record.usage), "total_tokens": record.usage.total_tokens}
    for name in ("messages", "answer"):
        kept: bytes | None = body[name]
        body[name] = msgspec.Raw(kept) if kept is not None else None
    return body


def _only(record: Record) -> tuple[Attempt, ...]:
    """The one attempt of a request that made no other."""
    if not record.provider:
        return ()
    first = record.first_token_ms
    ms = record.latency_ms if first is None else first
    return (Attempt(model=record.model, provider=record.provider, status=record.status, ms=ms, reason=record.error),)


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/requests",
            tag="requests",
            summary="List the requests, newest first",
            query=RequestsQuery,
            answer=Listed[ShownRecord],
        ),
        list_requests,
    ),
    Endpoint(
        Operation(
            method="GET",
            path="/api/requests/{id}",
            tag="requests",
            summary="Read a request by its x-request-id or its completion id",
            answer=ShownRecord,
            errors=(404,),
        ),
        get_request,
    ),
)

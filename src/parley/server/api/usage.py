"""`/api/usage`: requests, tokens and money, summed by what the query names."""

from typing import Any, Literal

from msgspec import field, structs

from parley.core.errors import BadRequest
from parley.core.holdings import UsageRow
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Within
from parley.server.api.within import filters_of, ordered

By = Literal["account", "application", "intent", "model", "provider", "user_id", "day"]


class UsageQuery(Within, frozen=True, kw_only=True):
    """What to sum by (repeated, or with commas), and which requests; without `by` there is one row for all."""

    by: list[By] = field(default_factory=list)


async def usage(services: ApiServices, asked: Asked) -> Any:
    """One row per group."""
    query: UsageQuery = asked.query
    if len(set(query.by)) != len(query.by):
        raise BadRequest("`by` names the same thing twice.", param="by")
    since, until = ordered(query.since, query.until)
    rows = await services.requests.usage(list(query.by), since, until, filters_of(query))
    return {"data": [structs.asdict(row) for row in rows], "next": None}


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/usage",
            tag="usage",
            summary="Sum requests, tokens and cost",
            query=UsageQuery,
            answer=Listed[UsageRow],
        ),
        usage,
    ),
)

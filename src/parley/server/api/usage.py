"""`/api/usage`: requests, tokens and money, summed by what the query names."""

from typing import Any, Literal

from msgspec import field, structs

from parley.core.errors import BadRequest
from parley.core.holdings import UsageRow
from parley.server.api.export import SHEETS, lines, sheet
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Within
from parley.server.api.within import filters_of, ordered

SUMS = tuple(name for name in UsageRow.__struct_fields__ if name != "group")


class UsageQuery(Within, frozen=True, kw_only=True):
    """What to sum by (repeated, or with commas), and which requests; without `by` there is one row for all.

    `by` takes account, application, intent, model, provider, user_id, day, key_id, operation, status, cache and
    metadata.KEY.
    """

    by: list[str] = field(default_factory=list)
    format: Literal["json", "jsonl", "csv"] = "json"


async def usage(services: ApiServices, asked: Asked) -> Any:
    """One row per group."""
    query: UsageQuery = asked.query
    if len(set(query.by)) != len(query.by):
        raise BadRequest("`by` names the same thing twice.", param="by")
    since, until = ordered(query.since, query.until)
    rows = await services.requests.usage(list(query.by), since, until, filters_of(query))
    if query.format == "json":
        return {"data": [structs.asdict(row) for row in rows], "next": None}
    flat = [{**row.group, **{name: getattr(row, name) for name in SUMS}} for row in rows]
    make = sheet if query.format == "csv" else lines
    return SHEETS[query.format]("parley-usage", make([*query.by, *SUMS], flat))


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/usage",
            tag="usage",
            summary="Sum requests, tokens and cost, as JSON, JSON lines or CSV",
            query=UsageQuery,
            answer=Listed[UsageRow],
            media=("application/jsonl", "text/csv"),
        ),
        usage,
    ),
)

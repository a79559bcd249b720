"""`/api/traces`: what happened within and around requests, as trees of spans."""

from typing import Any

from msgspec import structs

from parley.core.errors import NotFound
from parley.core.holdings import TraceRow
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Cursor, Limit, Listed, Within
from parley.server.api.within import filters_of, ordered
from parley.tracing.node import Tree


class TracesQuery(Within, frozen=True, kw_only=True):
    """Which traces: those with a request that fits."""

    limit: Limit = 50
    after: Cursor | None = None


async def list_traces(services: ApiServices, asked: Asked) -> Any:
    """Traces, those with the newest requests first."""
    query: TracesQuery = asked.query
    since, until = ordered(query.since, query.until)
    times = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    page = await services.traces.page(query.limit, query.after, {**filters_of(query), **times})
    return {"data": [structs.asdict(row) for row in page.data], "next": page.next}


async def get_trace(services: ApiServices, asked: Asked) -> Any:
    """One trace as a tree."""
    found = await services.traces.tree(asked.path["trace_id"])
    if found is None:
        raise NotFound(
            f"There is no trace with the id {asked.path['trace_id']}; it is the answer's `x-portkey-trace-id`."
        )
    return found


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/traces",
            tag="traces",
            summary="List the traces, newest first; pages may be short",
            query=TracesQuery,
            answer=Listed[TraceRow],
        ),
        list_traces,
    ),
    Endpoint(
        Operation(
            method="GET",
            path="/api/traces/{trace_id}",
            tag="traces",
            summary="Read a trace as a tree of spans, by its id, its W3C id or a request's id",
            answer=Tree,
            errors=(404,),
        ),
        get_trace,
    ),
)

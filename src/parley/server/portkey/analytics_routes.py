"""The analytics that Portkey's client reads, from the same sums as `/api/usage`.

Graphs have a point a day, groups a row each. `time_of_generation_min` and `_max` bound the time.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.errors import NotFound
from parley.core.holdings import UsageRow
from parley.server.api.reading import time_of
from parley.server.plain import json, named, operator_of

PATH = "/v1/analytics"


class Usage(Protocol):
    """Sums over the ledger."""

    async def usage(
        self,
        by: list[str],
        since: float | None = None,
        until: float | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> list[UsageRow]:
        """Sums per group."""


def _tokens(row: UsageRow) -> float:
    return row.prompt_tokens + row.completion_tokens


def _errors(row: UsageRow) -> float:
    return row.failed + row.refused


GRAPHS: Mapping[str, Callable[[UsageRow], float]] = {
    "requests": lambda row: row.requests,
    "cost": lambda row: row.cost_usd,
    "tokens": _tokens,
    "errors": _errors,
    "errors/rate": lambda row: _errors(row) / row.requests if row.requests else 0.0,
}
"""What a graph shows of a day."""

GROUPS = {"users": "user_id", "ai-models": "model", "workspaces": "account"}
"""What Portkey calls a group, and what it is here."""


class AnalyticsRoutes:
    """The paths of analytics."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage

    def routes(self) -> list[Route]:
        """One route per kind."""
        return [
            Route(PATH + "/graphs/{name:path}", self._graph, methods=["GET"]),
            Route(PATH + "/groups/metadata/{key}", self._by_metadata, methods=["GET"]),
            Route(PATH + "/groups/{name}", self._by_group, methods=["GET"]),
            Route(PATH + "/summary/cache", self._cache, methods=["GET"]),
        ]

    async def _graph(self, request: Request) -> Response:
        show = GRAPHS.get(named(request, "name"))
        if show is None:
            raise NotFound(f"There is no such graph; there are: {', '.join(GRAPHS)}.")
        rows = await self._sums(request, ["day"])
        points = [{"timestamp": row.group["day"], "total": show(row), "value": show(row)} for row in rows]
        return json({"object": "analytics-graph", "data": points, "summary": {"total": sum(show(row) for row in rows)}})

    async def _by_group(self, request: Request) -> Response:
        by = GROUPS.get(named(request, "name"))
        if by is None:
            raise NotFound(f"There is no such group; there are: {', '.join(GROUPS)}, and metadata/KEY.")
        return self._rows(by, await self._sums(request, [by]))

    async def _by_metadata(self, request: Request) -> Response:
        by = f"metadata.{named(request, 'key')}"
        return self._rows(by, await self._sums(request, [by]))

    async def _cache(self, request: Request) -> Response:
        rows = {row.group["cache"]: row for row in await self._sums(request, ["cache"])}
        hits = sum(row.requests for status, row in rows.items() if status.endswith("HIT"))
        looked = hits + sum(row.requests for status, row in rows.items() if status.endswith("MISS"))
        saved = sum(getattr(row, "saved_usd", 0.0) or 0.0 for row in rows.values())
        return json({"hits": hits, "total": looked, "hit_rate": hits / looked if looked else 0.0, "saved_usd": saved})

    def _rows(self, by: str, rows: list[UsageRow]) -> Response:
        found = [
            {"name": row.group[by], "requests": row.requests, "cost": row.cost_usd, "tokens": _tokens(row)}
            for row in rows
        ]
        return json({"object": "list", "total": len(found), "data": found})

    async def _sums(self, request: Request, by: list[str]) -> list[UsageRow]:
        operator_of(request)
        asked = request.query_params
        since = time_of(asked.get("time_of_generation_min"), "time_of_generation_min")
        until = time_of(asked.get("time_of_generation_max"), "time_of_generation_max")
        return await self._usage.usage(by, since, until)

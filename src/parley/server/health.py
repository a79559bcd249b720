"""Probes: is the process alive, and can it take calls."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.server.metrics import CONTENT_TYPE, Metrics

Readiness = Callable[[], Awaitable[dict[str, Any]]]
"""The state of each part by name; a part whose `ready` is false makes the whole not ready."""


def health_routes(readiness: Readiness, metrics: Metrics) -> list[Route]:
    """`/health/live`, `/health/ready` and `/metrics`; none of them needs a key or shows content."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        parts = await readiness()
        good = all(part["ready"] for part in parts.values())
        return JSONResponse({"status": "ok" if good else "not ready", "parts": parts}, 200 if good else 503)

    async def show(_: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", show)]

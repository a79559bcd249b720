"""What clients may ask for: `GET /v1/models` in OpenAI's shape, and the fuller list of the management API."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.core.errors import NotFound
from parley.routing.catalog import Entry
from parley.routing.health import Shown
from parley.routing.router import Router
from parley.routing.walk import WORDS


class Inside(Protocol):
    """A provider inside Parley, as far as its models are described."""

    async def models(self) -> dict[str, dict[str, Any]]:
        """What is known of each model by its name: state, size, context and the like, ready for JSON."""


class ModelList:
    """The catalog, as clients and operators see it."""

    def __init__(self, router: Router, since: int, inside: Mapping[str, Inside] | None = None) -> None:
        """`since` (epoch seconds) stands in OpenAI's `created`, for nobody says when a model was made.

        `inside` describes the models of a provider, by its name, where it can.
        """
        self._router = router
        self._catalog = router.catalog
        self._since = since
        self._inside = inside or {}

    async def describe(self) -> list[dict[str, Any]]:
        """Every model with its provider, its name there, its fallbacks, how it does in this worker, and what the
        engine says of its own."""
        now = time.monotonic()
        health = {one.name: one for one in self._router.health.shown(now)}
        facts = {provider: await inside.models() for provider, inside in self._inside.items()}
        return [
            {
                "id": entry.target.model,
                "provider": entry.target.provider,
                "upstream": entry.target.upstream,
                "fallback": list(entry.fallback),
                "context": entry.context,
                "health": self._health(entry, health, now),
                **facts.get(entry.target.provider, {}).get(entry.target.upstream, {}),
            }
            for entry in self._catalog.entries.values()
        ]

    def _health(self, entry: Entry, health: Mapping[str, Shown], now: float) -> dict[str, Any]:
        """A model's circuit and load; `skipped` says why calls pass it over now, None that they do not."""
        name = f"{entry.target.provider}/{entry.target.upstream}"
        one = health.get(name) or Shown(
            name=name, circuit="closed", failure_rate=0.0, calls=0, latency=0.0, in_flight=0, limit=0, cooling=0.0
        )
        why = self._router.health.why_not(name, now)
        return {
            "circuit": one.circuit,
            "failure_rate": one.failure_rate,
            "latency_ms": one.latency * 1000,
            "in_flight": one.in_flight,
            "limit": one.limit or None,
            "skipped": None if why is None else WORDS[why],
        }

    def routes(self) -> list[Route]:
        """`/v1/models` and one model of it."""
        return [Route("/v1/models", self._every), Route("/v1/models/{name:path}", self._one)]

    async def _every(self, _: Request) -> Response:
        data = [self._shown(entry) for entry in self._catalog.entries.values()]
        data += [
            {"id": name, "object": "model", "created": self._since, "owned_by": "route"} for name in self._router.saved
        ]
        return JSONResponse({"object": "list", "data": data})

    async def _one(self, request: Request) -> Response:
        name = request.path_params["name"]
        entry = self._catalog.entries.get(name)
        if entry is None:
            raise NotFound(f"There is no model `{name}` here.", param="model", code="model_not_found")
        return JSONResponse(self._shown(entry))

    def _shown(self, entry: Entry) -> dict[str, Any]:
        target = entry.target
        return {"id": target.model, "object": "model", "created": self._since, "owned_by": target.provider}

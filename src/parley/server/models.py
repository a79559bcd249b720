"""What clients may ask for: `GET /v1/models` in OpenAI's shape, and the fuller list of the management API."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.accounts.rates import Rates
from parley.core.errors import NotFound
from parley.routing.catalog import Entry
from parley.routing.health import Shown
from parley.routing.router import Router
from parley.routing.walk import WORDS


def nothing(provider: str) -> Sequence[str]:
    """Nothing is known of what a provider can do."""
    return ()


class Inside(Protocol):
    """A provider inside Parley, as far as its models are described."""

    async def models(self) -> dict[str, dict[str, Any]]:
        """What is known of each model by its name: state, size, context and the like, ready for JSON."""


class PriceList(Protocol):
    """What is known of models elsewhere."""

    def describe(self, provider: str, model: str) -> tuple[int | None, Rates | None]:
        """How many tokens a model at a provider can hold, and what they cost. May take a tenth of a second."""


class ModelList:
    """The catalog, as clients and operators see it."""

    def __init__(
        self,
        router: Router,
        since: int,
        inside: Mapping[str, Inside] | None = None,
        prices: PriceList | None = None,
        capabilities: Callable[[str], Sequence[str]] = nothing,
    ) -> None:
        """`since` (epoch seconds) stands in OpenAI's `created`, for nobody says when a model was made.

        `inside` describes the models of a provider, by its name, where it can; `capabilities` tells what a provider
        can be asked for.
        """
        self._prices = prices
        self._capabilities = lru_cache(maxsize=256)(capabilities)
        self._router = router
        self._catalog = router.catalog
        self._since = since
        self._inside = inside or {}
        self._learnt: dict[tuple[str, str], tuple[int | None, Rates | None]] = {}

    async def describe(self) -> list[dict[str, Any]]:
        """Every model with its provider, its name there, its fallbacks, how it does in this worker, and what the
        engine says of its own."""
        now = time.monotonic()
        health = {one.name: one for one in self._router.health.shown(now)}
        facts = await self._facts()
        await asyncio.to_thread(self._learn)
        return [
            {
                "id": entry.target.model,
                "provider": entry.target.provider,
                "upstream": entry.target.upstream,
                "fallback": list(entry.fallback),
                "context": entry.context or self._known(entry)[0],
                "pricing": _pricing(self._known(entry)[1]),
                "capabilities": self._capabilities(entry.target.provider),
                "health": self._health(entry, health, now),
                **facts.get(entry.target.provider, {}).get(entry.target.upstream, {}),
            }
            for entry in self._catalog.entries.values()
        ]

    async def _facts(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {provider: await inside.models() for provider, inside in self._inside.items()}

    def _learn(self) -> None:
        """Looks every model up, so that it is known from then on."""
        for entry in self._catalog.entries.values():
            self._known(entry)

    def _known(self, entry: Entry) -> tuple[int | None, Rates | None]:
        place = (entry.target.provider, entry.target.upstream)
        if place not in self._learnt:
            self._learnt[place] = self._prices.describe(*place) if self._prices is not None else (None, None)
        return self._learnt[place]

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
        data = [self._shown(one) for one in await self.describe()]
        data += [
            {"id": name, "object": "model", "created": self._since, "owned_by": "route"} for name in self._router.saved
        ]
        return JSONResponse({"object": "list", "data": data})

    async def _one(self, request: Request) -> Response:
        name = request.path_params["name"]
        entry = self._catalog.entries.get(name)
        if entry is None:
            raise NotFound(f"There is no model `{name}` here.", param="model", code="model_not_found")
        return JSONResponse(next(self._shown(one) for one in await self.describe() if one["id"] == name))

    def _shown(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """OpenAI's four fields, and how many tokens it holds, US dollars per token, what it can do, how it is."""
        return {
            "id": model["id"],
            "object": "model",
            "created": self._since,
            "owned_by": model["provider"],
            "context_length": model["context"],
            "pricing": model["pricing"],
            "capabilities": model["capabilities"],
            "state": model.get("state") or ("unavailable" if model["health"]["skipped"] else "available"),
        }


def _pricing(rates: Rates | None) -> dict[str, float] | None:
    """US dollars per token; None where no plain rates are known."""
    if rates is None:
        return None
    return {"prompt": rates.prompt, "completion": rates.completion, "cached": rates.cached, "request": rates.request}

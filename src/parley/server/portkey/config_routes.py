"""Routing configs by slug, and virtual keys.

A virtual key is a provider of `parley.toml`: its secret stands there or in the environment, and is never taken over
the wire; so they are listed and used here, and made there.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.errors import BadRequest, MethodNotAllowed, NotFound
from parley.core.holdings import NamedConfig
from parley.routing.saved import SavedConfigs
from parley.server.plain import json, named, object_of, operator_of, text_of, when

CONFIGS, KEYS = "/v1/configs", "/v1/virtual-keys"


class ConfigRoutes:
    """The paths of configs and virtual keys."""

    def __init__(self, saved: SavedConfigs, providers: Sequence[str]) -> None:
        self._saved = saved
        self._providers = sorted(providers)

    def routes(self) -> list[Route]:
        """One route per path and method."""
        return [
            Route(CONFIGS, self._list, methods=["GET"]),
            Route(CONFIGS, self._create, methods=["POST"]),
            Route(CONFIGS + "/{slug}", self._read, methods=["GET"]),
            Route(CONFIGS + "/{slug}", self._change, methods=["PUT"]),
            Route(CONFIGS + "/{slug}", self._delete, methods=["DELETE"]),
            Route(KEYS, self._list_keys, methods=["GET"]),
            Route(KEYS, self._no_keys, methods=["POST"]),
            Route(KEYS + "/{slug}", self._read_key, methods=["GET"]),
            Route(KEYS + "/{slug}", self._no_keys, methods=["PUT", "DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        operator_of(request)
        found = [_config(one) for one in self._saved.all()]
        return json({"success": True, "object": "list", "total": len(found), "data": found})

    async def _create(self, request: Request) -> Response:
        operator, body = operator_of(request), await object_of(request)
        name = text_of(body, "name")
        if not name:
            raise BadRequest("`name` is required.", param="name")
        slug = text_of(body, "slug") or _slug(name)
        kept = await self._saved.put(slug, _body(body), operator.key_id, None)
        return json({"id": slug, "slug": slug, "version_id": str(kept.version), "object": "config", "success": True})

    async def _read(self, request: Request) -> Response:
        operator_of(request)
        return json({"success": True, **_config(self._saved.current(named(request, "slug")))})

    async def _change(self, request: Request) -> Response:
        operator, slug = operator_of(request), named(request, "slug")
        self._saved.current(slug)
        kept = await self._saved.put(slug, _body(await object_of(request)), operator.key_id, None)
        return json({"success": True, "version_id": str(kept.version), "object": "config", "slug": slug})

    async def _delete(self, request: Request) -> Response:
        operator_of(request)
        await self._saved.delete(named(request, "slug"))
        return json({})

    async def _list_keys(self, request: Request) -> Response:
        operator_of(request)
        found = [_key(name) for name in self._providers]
        return json({"object": "list", "total": len(found), "data": found})

    async def _read_key(self, request: Request) -> Response:
        operator_of(request)
        slug = named(request, "slug").removeprefix("@")
        if slug not in self._providers:
            raise NotFound(f"There is no virtual key `{slug}`. There is: {', '.join(self._providers) or 'none'}.")
        return json(_key(slug))

    async def _no_keys(self, request: Request) -> Response:
        operator_of(request)
        raise MethodNotAllowed(
            "A virtual key is a provider of parley.toml, whose secret is not taken over the wire: add [providers.NAME] "
            "with an api_key there, and use NAME as the virtual key."
        )


def _body(body: dict[str, Any]) -> Any:
    """The config, which the client sends as an object or as the JSON of one."""
    config = body.get("config")
    if isinstance(config, str):
        try:
            return msgspec.json.decode(config)
        except msgspec.DecodeError as error:
            raise BadRequest(f"`config` is not JSON: {error}.", param="config") from None
    if config is None:
        raise BadRequest("`config` is required.", param="config")
    return config


def _slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "config"
    return f"pc-{plain}-{secrets.token_hex(3)}"


def _config(one: NamedConfig) -> dict[str, Any]:
    return {
        "id": one.name,
        "slug": one.name,
        "name": one.name,
        "config": one.config,
        "is_default": 0,
        "status": "active",
        "version_id": str(one.version),
        "owner_id": one.author,
        "created_at": when(one.created),
        "last_updated_at": when(one.created),
        "object": "config",
    }


def _key(name: str) -> dict[str, Any]:
    return {"id": name, "slug": name, "name": name, "provider": name, "status": "active", "object": "virtual-key"}

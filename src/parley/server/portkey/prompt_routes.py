"""Stored prompts: made, listed, changed, published and rendered. `portkey/prompts.py` runs them."""

import re
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.errors import BadRequest
from parley.core.holdings import Prompt
from parley.prompts.book import PromptBook
from parley.prompts.template import variables_of
from parley.server.bodies import read_body
from parley.server.plain import LARGEST, json, named, object_of, operator_of, text_of, when
from parley.server.portkey.prompts import filled

PATH = "/v1/prompts"
OWN = ("name", "collection_id", "version_description", "slug")


class PromptRoutes:
    """The paths of prompts."""

    def __init__(self, book: PromptBook) -> None:
        self._book = book

    def routes(self) -> list[Route]:
        """One route per path and method."""
        one = PATH + "/{slug}"
        return [
            Route(PATH, self._list, methods=["GET"]),
            Route(PATH, self._create, methods=["POST"]),
            Route(one, self._read, methods=["GET"]),
            Route(one, self._change, methods=["PUT"]),
            Route(one, self._delete, methods=["DELETE"]),
            Route(one + "/makeDefault", self._publish, methods=["PUT"]),
            Route(one + "/versions", self._versions, methods=["GET"]),
            Route(one + "/versions/{version}", self._version, methods=["GET"]),
            Route(one + "/render", self._render, methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        operator_of(request)
        found = [_line(one) for one in self._book.all()]
        return json({"object": "list", "total": len(found), "data": found})

    async def _create(self, request: Request) -> Response:
        operator, body = operator_of(request), await object_of(request)
        name = text_of(body, "name")
        if not name:
            raise BadRequest("`name` is required.", param="name")
        slug = text_of(body, "slug") or _slug(name)
        made = await self._book.add(slug, name, _content(body), operator.key_id)
        return json({"id": made.slug, "slug": made.slug, "version_id": _version_id(made), "object": "prompt"})

    async def _read(self, request: Request) -> Response:
        operator_of(request)
        return json(_whole(self._book.published(named(request, "slug"))))

    async def _change(self, request: Request) -> Response:
        operator, slug = operator_of(request), named(request, "slug")
        body, last = await object_of(request), (await self._book.versions(slug))[0]
        name = text_of(body, "name") or last.name
        made = await self._book.add(slug, name, {**last.content, **_content(body)}, operator.key_id)
        return json({"id": slug, "slug": slug, "prompt_version_id": _version_id(made), "object": "prompt"})

    async def _delete(self, request: Request) -> Response:
        operator_of(request)
        await self._book.delete(named(request, "slug"))
        return json({})

    async def _publish(self, request: Request) -> Response:
        operator_of(request)
        version = (await object_of(request)).get("version")
        if not isinstance(version, int):
            raise BadRequest("`version` must be a whole number.", param="version")
        await self._book.publish(named(request, "slug"), version)
        return json({})

    async def _versions(self, request: Request) -> Response:
        operator_of(request)
        found = [_whole(one) for one in await self._book.versions(named(request, "slug"))]
        return json({"object": "list", "total": len(found), "data": found})

    async def _version(self, request: Request) -> Response:
        operator_of(request)
        number = re.search(r"\d+$", named(request, "version"))
        slug = named(request, "slug")
        return json(_whole(await self._book.version(slug, int(number[0]) if number else 0)))

    async def _render(self, request: Request) -> Response:
        body = await read_body(request.scope, request.receive, LARGEST)
        return json({"success": True, "data": filled(self._book, named(request, "slug"), body)})


def _content(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in OWN}


def _slug(name: str) -> str:
    """As Portkey makes them: the name, plain, and something of its own."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "prompt"
    return f"pp-{plain}-{secrets.token_hex(3)}"


def _version_id(one: Prompt) -> str:
    return f"{one.slug}-{one.version}"


def _line(one: Prompt) -> dict[str, Any]:
    return {
        "id": one.slug,
        "slug": one.slug,
        "name": one.name,
        "model": one.content.get("model"),
        "created_at": when(one.created),
        "status": "active",
        "object": "prompt",
    }


def _whole(one: Prompt) -> dict[str, Any]:
    return {
        **_line(one),
        "prompt_version": one.version,
        "prompt_version_id": _version_id(one),
        "prompt_version_status": "active" if one.published else "archived",
        "variables": variables_of(one.content.get("string")),
        **one.content,
    }

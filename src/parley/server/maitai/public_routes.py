"""The part of Maitai's public REST interface that its documents name: reads, feedback, and answers put right.

Envelope `{"data": ...}`, pages by `offset` and `limit` (25, at most 100), as its API reference says (2026-10). These
are reads over the ledger and need a key with the scope admin.
"""

import secrets
import time
from typing import Any

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.accounts.applications import Registry
from parley.accounts.config import plain
from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import Feedback
from parley.server.api.reading import no_nul_inside
from parley.server.api.requests import shown
from parley.server.api.services import Catalog, RequestLog
from parley.server.plain import caller_of, json, named, object_of, operator_of, text_of
from parley.server.portkey.feedback_routes import Feedbacks

PATH = "/api/v1"
USUAL, MOST = 25, 100
MOST_SCORE = 1_000_000
DEEPEST = 10_000
"""The largest offset; further back, /api/requests has cursors."""


class PublicRoutes:
    """The paths under /api/v1."""

    def __init__(self, requests: RequestLog, registry: Registry, catalog: Catalog, feedback: Feedbacks) -> None:
        self._requests = requests
        self._registry = registry
        self._catalog = catalog
        self._feedback = feedback

    def routes(self) -> list[Route]:
        """One route per path and method."""
        return [
            Route(PATH + "/models", self._models, methods=["GET"]),
            Route(PATH + "/applications", self._applications, methods=["GET"]),
            Route(PATH + "/applications/{application}/config", self._config, methods=["GET"]),
            Route(PATH + "/requests", self._list, methods=["GET"]),
            Route(PATH + "/requests/{id}", self._one, methods=["GET"]),
            Route(PATH + "/requests/{id}/response", self._put_right, methods=["PUT"]),
            Route(PATH + "/sessions/{session}/feedback", self._of_session, methods=["POST"]),
        ]

    async def _models(self, request: Request) -> Response:
        operator_of(request)
        return json({"data": await self._catalog.describe()})

    async def _applications(self, request: Request) -> Response:
        operator_of(request)
        found = [
            {"id": name, "application_ref_name": name, "intents": intents}
            for name, intents in self._registry.intents().items()
        ]
        return json({"data": found})

    async def _config(self, request: Request) -> Response:
        operator_of(request)
        settled = self._registry.defaults(named(request, "application"), "default").config
        return json({"data": plain(settled)})

    async def _list(self, request: Request) -> Response:
        operator_of(request)
        offset, limit = _number(request, "offset", 0, DEEPEST), _number(request, "limit", USUAL, MOST)
        found: list[dict[str, Any]] = []
        after: str | None = None
        while len(found) < offset + limit:
            page = await self._requests.page(MOST, after, _filters(request), content=False)
            found += [shown(record) for record in page.data]
            after = page.next
            if after is None:
                break
        return json({"data": found[offset : offset + limit]})

    async def _one(self, request: Request) -> Response:
        operator_of(request)
        return json({"data": shown(await self._record(request))})

    async def _put_right(self, request: Request) -> Response:
        body, record = await object_of(request), await self._record(request)
        try:
            text = body["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise BadRequest("`choices[0].message.content` is required.", param="choices") from None
        await self._keep(request, request_id=record.id, session_id=record.session_id, corrected=str(text))
        return json({"data": {"message": "Response saved"}})

    async def _of_session(self, request: Request) -> Response:
        body = await object_of(request)
        score, text = body.get("feedback_score"), text_of(body, "feedback_text") or None
        if score is None and text is None:
            raise BadRequest("`feedback_score` or `feedback_text` is required.", param="feedback_score")
        is_number = isinstance(score, int | float) and not isinstance(score, bool) and abs(score) <= MOST_SCORE
        if score is not None and not is_number:
            raise BadRequest(f"`feedback_score` must be a number of at most {MOST_SCORE:,}.", param="feedback_score")
        await self._keep(request, session_id=named(request, "session"), score=score, text=text)
        return json({"data": {"message": "Feedback saved"}})

    async def _record(self, request: Request) -> Any:
        record, caller = await self._requests.get(named(request, "id")), caller_of(request)
        if record is None or ("admin" not in caller.scopes and record.account != caller.account):
            raise NotFound(f"There is no request {named(request, 'id')}.")
        return record

    async def _keep(self, request: Request, **said: Any) -> None:
        caller = caller_of(request)
        made = Feedback(
            id=f"fb_{secrets.token_hex(16)}", created=time.time(), account=caller.account, author=caller.key_id
        )
        await self._feedback.add([structs.replace(made, **said)])


def _filters(request: Request) -> dict[str, Any]:
    names = {"application": "application", "application_ref_name": "application", "session_id": "session_id"}
    asked = request.query_params
    no_nul_inside(list(asked.values()))
    return {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}


def _number(request: Request, name: str, usual: int, most: int) -> int:
    text = request.query_params.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > most:
        raise BadRequest(f"`{name}` must be a whole number of at most {most}.", param=name)
    return int(text)

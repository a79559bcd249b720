"""Turns the endpoints of every noun into Starlette routes; the one place where a management request is let in.

An operation needs a key with the scope `admin` unless it says otherwise. A key for inference is held by an application
and must not read what others asked: it is told 403 here, and where it is let in it meets what is its account's alone.
"""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Caller
from parley.core.errors import Forbidden, Unauthenticated
from parley.server.api import (
    accounts,
    applications,
    cache,
    documents,
    evaluations,
    export,
    feedback,
    intents,
    keys,
    memories,
    models,
    receipts,
    requests,
    routing_configs,
    sentinels,
    sessions,
    traces,
    usage,
    webhooks,
)
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.reading import read_body, read_path, read_query
from parley.server.api.services import ApiServices
from parley.server.api.uploads import Upload
from parley.server.connection import STOPPING

ENDPOINTS: tuple[Endpoint, ...] = (
    *keys.ENDPOINTS,
    *accounts.ENDPOINTS,
    *applications.ENDPOINTS,
    *intents.ENDPOINTS,
    *requests.ENDPOINTS,
    *usage.ENDPOINTS,
    *traces.ENDPOINTS,
    *export.ENDPOINTS,
    *models.ENDPOINTS,
    *routing_configs.ENDPOINTS,
    *cache.ENDPOINTS,
    *documents.ENDPOINTS,
    *evaluations.ENDPOINTS,
    *feedback.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *sentinels.ENDPOINTS,
    *memories.ENDPOINTS,
    *sessions.ENDPOINTS,
    *receipts.ENDPOINTS,
)
CALLER = "parley.caller"


def operations() -> list[Operation]:
    """Every operation of the management API, for the OpenAPI page."""
    return [endpoint.operation for endpoint in ENDPOINTS]


def api_routes(services: ApiServices) -> list[Route]:
    """One route per path. The door has put the `Caller` into `scope["parley.caller"]`; errors of core are raised."""
    by_path = groupby(sorted(ENDPOINTS, key=lambda e: e.operation.path), key=lambda e: e.operation.path)
    return [_route(path, list(endpoints), services) for path, endpoints in by_path]


def _route(path: str, endpoints: Sequence[Endpoint], services: ApiServices) -> Route:
    by_method = {endpoint.operation.method: partial(_answer, endpoint, services) for endpoint in endpoints}
    if "GET" in by_method:
        by_method["HEAD"] = by_method["GET"]

    async def dispatch(request: Request) -> Response:
        return await by_method[request.method](request)

    if any(endpoint.operation.deep for endpoint in endpoints):
        path = f"{path.removesuffix('}')}:path}}"
    return Route(path, dispatch, methods=list(by_method))  # any other method: Starlette's 405 with its Allow header


async def _answer(endpoint: Endpoint, services: ApiServices, request: Request) -> Response:
    operation = endpoint.operation
    asked = Asked(
        caller=_let_in(request, operation.scope),
        path=read_path(request.path_params),
        query=read_query(operation.query or Nothing, request),
        body=await read_body(dict if operation.loose else operation.body, request)
        if operation.body is not None and not operation.upload
        else None,
        if_match=request.headers.get("if-match"),
        last_event_id=request.headers.get("last-event-id"),
        upload=Upload(request) if operation.upload else None,
        stopping=lambda: STOPPING in request.scope,
    )
    found = await endpoint.handle(services, asked)
    if isinstance(found, Response):
        return found
    if isinstance(found, Answer):
        return _json(found.body, found.status, found.headers)
    return _json(found, operation.status, {})


class Nothing(msgspec.Struct, frozen=True):
    """No query parameters."""


def _let_in(request: Request, scope: str) -> Caller:
    caller: Caller | None = request.scope.get(CALLER)
    if caller is None:
        raise Unauthenticated("There is no API key in this request.", code="missing_api_key")
    if "admin" not in caller.scopes and scope not in caller.scopes:
        raise Forbidden("This key may ask models, but the management API needs a key with the scope admin.")
    return caller


def _json(body: object, status: int, headers: dict[str, str]) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")

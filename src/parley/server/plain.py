"""How the routes of services read their requests and answer them: JSON, as its client has it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Caller
from parley.core.errors import BadRequest, Forbidden
from parley.server.api.reading import no_nul_inside, read_path
from parley.server.bodies import read_body

LARGEST = 1_000_000
"""Bytes of a body; conversations do not come this way."""
LONGEST = 20_000
"""Letters of a field that is a text."""


def caller_of(request: Request) -> Caller:
    """Who asks; the door has seen to it."""
    caller: Caller = request.scope["parley.caller"]
    return caller


def operator_of(request: Request) -> Caller:
    """Who asks, if that is an operator. Raises Forbidden."""
    caller = caller_of(request)
    if "admin" not in caller.scopes:
        raise Forbidden("This needs a key with the scope admin.")
    return caller


def named(request: Request, parameter: str) -> str:
    """A parameter of the path. Raises NotFound for what no name can be."""
    return read_path(request.path_params)[parameter]


async def json_of(request: Request) -> Any:
    """The body. Raises BadRequest."""
    raw = await read_body(request.scope, request.receive, LARGEST)
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.", code="invalid_json") from None
    if b"\\u0000" in raw:
        no_nul_inside(value)
    return value


async def object_of(request: Request) -> dict[str, Any]:
    """The body, an object, without its nulls. Raises BadRequest."""
    body = await json_of(request)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.", code="invalid_json")
    return {name: value for name, value in body.items() if value is not None}


def by_path(routes: Sequence[Route]) -> list[Route]:
    """One route for each path, so that the 405 of a wrong method names every right one."""
    found: dict[str, dict[str, Any]] = {}
    for route in routes:
        found.setdefault(route.path, {}).update(dict.fromkeys(route.methods or (), route.endpoint))
    return [Route(path, partial(_dispatch, of), methods=list(of)) for path, of in found.items()]


async def _dispatch(of: dict[str, Any], request: Request) -> Response:
    answered: Response = await of[request.method](request)
    return answered


def text_of(body: dict[str, Any], name: str, place: str = "") -> str:
    """A field of the body that may be left out, which is "" then. Raises BadRequest, with `place` before its name."""
    found = body.get(name) or ""
    if not isinstance(found, str) or len(found) > LONGEST:
        raise BadRequest(f"`{place}{name}` must be a text of at most {LONGEST:,} letters.", param=f"{place}{name}")
    return found


def json(body: Any, status: int = 200) -> Response:
    """An answer."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def when(seconds: float) -> str:
    """A time as the client's models have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")

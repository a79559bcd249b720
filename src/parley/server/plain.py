"""How the routes of services read their requests and answer them: JSON, as its client has it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from parley.core.call import Caller
from parley.core.errors import BadRequest, Forbidden
from parley.server.bodies import read_body

LARGEST = 1_000_000
"""Bytes of a body; conversations do not come this way."""


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


async def json_of(request: Request) -> Any:
    """The body. Raises BadRequest."""
    try:
        return msgspec.json.decode(await read_body(request.scope, request.receive, LARGEST))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.", code="invalid_json") from None


async def object_of(request: Request) -> dict[str, Any]:
    """The body, an object, without its nulls. Raises BadRequest."""
    body = await json_of(request)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.", code="invalid_json")
    return {name: value for name, value in body.items() if value is not None}


def json(body: Any, status: int = 200) -> Response:
    """An answer."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def when(seconds: float) -> str:
    """A time as the client's models have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")

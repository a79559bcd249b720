"""Errors as this service tells them: `detail`, a text, and on 422 a list as FastAPI has it."""

import msgspec

from parley.core.asks import Json
from parley.core.errors import GatewayError


def write_error(error: GatewayError) -> bytes:
    """The JSON that tells a client what went wrong."""
    detail: Json = error.message
    if error.status == 422:
        where = ["body", error.param] if error.param else ["body"]
        detail = [{"loc": where, "msg": error.message, "type": error.code or error.type}]
    return msgspec.json.encode({"detail": detail})

"""What Maitai's client asks for beside chats: its configuration, and places to leave answers, timings and faults.

The paths are those of maitai-python 1.2.34 (seen on its wire, 2026-11). Its timings are answered and not kept: the
ledger has its own.
"""

import asyncio
import logging
import time
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.accounts.config import plain
from parley.core.call import Call, Caller, Source
from parley.core.errors import BadRequest, UpstreamError
from parley.core.reply import Reply
from parley.dialects import maitai, openai_chat
from parley.dialects.maitai import Submitted
from parley.pipeline.house import House
from parley.pipeline.submitting import Elsewhere, submit
from parley.server.bodies import read_body
from parley.server.door import trace, whose
from parley.wire.ids import new_id

log = logging.getLogger("parley")

LONGEST_FAULT = 2000
"""Characters of a client's traceback that go into the log."""


class MaitaiRoutes:
    """Serves them all; the door has put the caller into the scope."""

    def __init__(self, house: House, max_body: int) -> None:
        """`max_body` is in bytes."""
        self._house = house
        self._max_body = max_body

    def routes(self) -> list[Route]:
        """One route per path."""
        return [
            Route("/config/init_sdk", self._config, methods=["GET"]),
            Route("/metrics/timing", self._timing, methods=["PUT"]),
            Route("/metrics/increment/python_sdk_error", self._fault, methods=["PUT"]),
            Route("/chat/completions/response", self._submit, methods=["PUT"]),
            Route("/evaluation/submit", self._submit, methods=["POST"]),
            Route("/evaluation/request", self._submit, methods=["POST"]),
            Route("/chat/completions/log", self._log, methods=["PUT"]),
        ]

    async def _config(self, request: Request) -> Response:
        caller: Caller = request.scope["parley.caller"]
        known = self._house.applications
        applications = []
        for id, (name, intents) in enumerate(known.intents().items(), 1):
            settled = {intent: plain(known.defaults(name, intent).config) for intent in [*intents, "default"]}
            applications.append(maitai.application_json(name, id, settled))
        return _json(maitai.config_json(caller.account, applications))

    async def _timing(self, request: Request) -> Response:
        await self._body(request)
        return _json({})

    async def _fault(self, request: Request) -> Response:
        told = _object(await self._body(request))
        log.warning("a Maitai client reports a fault: %s", str(told.get("cause", ""))[-LONGEST_FAULT:])
        return _json({})

    async def _submit(self, request: Request) -> Response:
        submitted = maitai.read_submitted(await self._body(request))
        call = await self._keep(submitted, request, "client")
        return _json(maitai.evaluate_response({}, call.whose.session_id, call.id))

    async def _log(self, request: Request) -> Response:
        submitted, provider = maitai.read_logged(await self._body(request))
        await self._keep(submitted, request, provider)
        return _json({})

    async def _keep(self, submitted: Submitted, request: Request, provider: str) -> Call:
        call = _call(submitted, request)
        await submit(call, _answer(submitted), Elsewhere(provider=provider), self._house)
        return call

    async def _body(self, request: Request) -> bytes:
        return await read_body(request.scope, request.receive, self._max_body)


def _call(submitted: Submitted, request: Request) -> Call:
    caller: Caller = request.scope["parley.caller"]
    ask, fields = openai_chat.read_chat(msgspec.json.encode(submitted.request))
    id, headers = new_id("req"), dict(request.scope["headers"])
    return Call(
        id=id,
        received=time.time(),
        deadline=asyncio.get_running_loop().time(),
        caller=caller,
        whose=whose(ask, caller, headers, id),
        trace=trace(headers, id),
        ask=ask,
        source=Source(dialect=openai_chat.NAME, fields=fields, asked=ask),
        path=request.scope["path"],
    )


def _answer(submitted: Submitted) -> Reply:
    try:
        return openai_chat.read_reply(msgspec.json.encode(submitted.response))
    except UpstreamError as error:
        raise BadRequest(f"The response is not a chat completion: {error.message}") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The body must be a JSON object.", code="invalid_json") from None


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")

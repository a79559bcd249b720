"""For clients that ask a provider themselves: what their intent settles, and where they hand in what they were told.

`GET /v1/intent` and `POST /v1/submissions`, with a key that may ask models.
"""

import asyncio
import re
import time
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct, structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Call, Caller, Source
from parley.core.errors import BadRequest, UpstreamError
from parley.core.reply import Reply
from parley.dialects import openai_chat
from parley.pipeline.house import House
from parley.pipeline.submitting import Elsewhere, submit
from parley.server.api.reading import read_query
from parley.server.bodies import read_body
from parley.server.door import trace, whose
from parley.wire.ids import new_id

ID = re.compile(r"req_[0-9a-f]{36}")
Ms = Annotated[float, Meta(ge=0, le=86_400_000)]


class Submission(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request and its answer, both as OpenAI's chat completions have them; `request` may say Parley's fields too.

    `id` is chosen by the client (`req_` and 36 hex digits), so that handing in twice makes one record. `created` is
    in seconds since 1970, `complete` false where the client left the answer before its end.
    """

    request: Raw
    answer: Raw
    provider: Annotated[str, Meta(min_length=1, max_length=200)]
    id: str | None = None
    created: Annotated[float, Meta(ge=0)] | None = None
    latency_ms: Ms = 0.0
    first_token_ms: Ms | None = None
    stream: bool = False
    complete: bool = True


class Submitted(Struct, frozen=True, kw_only=True):
    """The id of the record, under which its evaluation is found."""

    id: str
    object: str = "submission"


class IntentQuery(Struct, frozen=True, kw_only=True):
    """Whose configuration is read."""

    application: str = "default"
    intent: str = "default"


class SettledIntent(Struct, frozen=True, kw_only=True):
    """What an application and intent settle for a chat that leaves it out: intent, then application, then server."""

    application: str
    intent: str
    config: dict[str, Any]


class Submissions:
    """Serves both paths."""

    def __init__(self, house: House, max_body: int) -> None:
        """`max_body` is in bytes."""
        self._house = house
        self._max_body = max_body

    def routes(self) -> list[Route]:
        """The two paths."""
        return [
            Route("/v1/intent", self._intent, methods=["GET"]),
            Route("/v1/submissions", self._submit, methods=["POST"]),
        ]

    async def _intent(self, request: Request) -> Response:
        query = read_query(IntentQuery, request)
        assert isinstance(query, IntentQuery)
        application, intent = query.application or "default", query.intent or "default"
        settled = dict(self._house.applications.defaults(application, intent).chat)
        return _json(SettledIntent(application=application, intent=intent, config=settled))

    async def _submit(self, request: Request) -> Response:
        said = _read(await read_body(request.scope, request.receive, self._max_body))
        call = _call(said, request)
        how = Elsewhere(
            provider=said.provider,
            latency_ms=said.latency_ms,
            first_token_ms=said.first_token_ms,
            complete=said.complete,
        )
        await submit(call, _answer(said), how, self._house)
        return _json(Submitted(id=call.id))


def _read(body: bytes) -> Submission:
    try:
        said = msgspec.json.decode(body, type=Submission)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        param = place.rstrip("`") or None
        raise BadRequest(f"The submission is not right: {reason}.", param=param) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if said.id is not None and not ID.fullmatch(said.id):
        raise BadRequest("`id` must be `req_` and 36 hexadecimal digits, or left out.", param="id")
    return said


def _call(said: Submission, request: Request) -> Call:
    caller: Caller = request.scope["parley.caller"]
    ask, fields = openai_chat.read_chat(bytes(said.request))
    now, headers = time.time(), dict(request.scope["headers"])
    id = said.id or new_id("req")
    mark = trace(headers, id)
    return Call(
        id=id,
        received=now if said.created is None else min(said.created, now),
        deadline=asyncio.get_running_loop().time(),
        caller=caller,
        whose=whose(ask, caller, headers, id),
        trace=structs.replace(mark, brought=True) if said.id else mark,  # an id that is not ours finds no trace
        ask=ask,
        source=Source(dialect=openai_chat.NAME, fields=fields, asked=ask),
        path="/v1/submissions",
    )


def _answer(said: Submission) -> Reply:
    try:
        return openai_chat.read_reply(bytes(said.answer))
    except UpstreamError as error:
        raise BadRequest(f"`answer` is not a chat completion: {error.message}", param="answer") from None


def _json(body: Struct) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")

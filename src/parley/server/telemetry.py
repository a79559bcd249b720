"""What callers tell of their own doings: spans by OTLP, and the logs of Portkey's SDK; both join our traces."""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Caller
from parley.core.enclosures import Span
from parley.core.errors import BadRequest, CallerError, TooLarge
from parley.server.api.operation import Operation
from parley.server.bodies import read_body
from parley.server.door import trace
from parley.tracing.otlp_in import spans_of
from parley.tracing.otlp_shapes import read_json, read_protobuf
from parley.tracing.portkey_logs import spans_of_logs
from parley.wire.ids import new_id
from parley.wire.protobuf import bytes_field, text_field, varint_field

OTLP = ("/v1/traces", "/api/v1/traces", "/v1/otel/v1/traces", "/v1/otel", "/v1/logs/otel", "/v1/logs/otel/v1/traces")
"""OpenTelemetry's own path, Maitai's, and those that Portkey's gateway and documentation name (2026-08)."""
LOGS = "/v1/logs"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
REFUSED = "its ids are not 32 and 16 hexadecimal digits, or there are too many spans"

OPERATIONS = (
    *(
        Operation(
            method="POST",
            path=path,
            summary="Take in spans by OTLP, as Protocol Buffers or JSON",
            tag="traces",
            body=dict[str, Any],
            answer=dict[str, Any],
            media=(PROTOBUF,),
            errors=(415,),
        )
        for path in OTLP
    ),
    Operation(
        method="POST",
        path=LOGS,
        summary="Take in what Portkey's SDK logs, one object or a list, as spans",
        tag="traces",
        body=dict[str, Any] | list[dict[str, Any]],
        answer="text/plain",
        errors=(415,),
    ),
)
"""What the OpenAPI page says of them."""

Put = Callable[[Sequence[Span]], Awaitable[None]]


class Telemetry:
    """Takes in spans."""

    def __init__(self, put: Put, max_body: int) -> None:
        """`put` keeps spans; `max_body` bounds a body in bytes, before and after it is unpacked."""
        self._put = put
        self._max_body = max_body

    def routes(self) -> list[Route]:
        """The paths."""
        otlp = [Route(path, self._otlp, methods=["POST"]) for path in OTLP]
        return [*otlp, Route(LOGS, self._logs, methods=["POST"])]

    async def _otlp(self, request: Request) -> Response:
        kind = request.headers.get("content-type", PROTOBUF).partition(";")[0].strip().lower()
        if kind not in (PROTOBUF, JSON, "application/protobuf"):
            raise CallerError(
                f"OTLP comes as {PROTOBUF} or {JSON}, not as {kind[:100]}.", status=415, code="unsupported_media_type"
            )
        body = await self._body(request)
        caller: Caller = request.scope["parley.caller"]
        spans, refused = await asyncio.to_thread(_read, body, kind == JSON, caller.account)
        await self._put(spans)
        return _taken(refused, kind == JSON)

    async def _logs(self, request: Request) -> Response:
        try:
            logs = msgspec.json.decode(await self._body(request))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest(f"The body is not JSON: {error}.", code="invalid_json") from None
        caller: Caller = request.scope["parley.caller"]
        mark = trace(dict(request.scope["headers"]), new_id("req"))
        await self._put(spans_of_logs(logs, caller.account, mark.trace_id, time.time()))
        return Response(b"ok", media_type="text/plain")

    async def _body(self, request: Request) -> bytes:
        body = await read_body(request.scope, request.receive, self._max_body)
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("identity", ""):
            return body
        if encoding not in ("gzip", "deflate"):
            raise CallerError(
                f"The body may be packed by gzip, not by {encoding[:50]}.", status=415, code="unsupported_encoding"
            )
        return unpacked(body, self._max_body)


def unpacked(body: bytes, most: int) -> bytes:
    """What was packed by gzip or zlib. Raises BadRequest where it is damaged, TooLarge past `most` bytes."""
    unpack = zlib.decompressobj(wbits=47)  # 32 + 15: either header, any window
    try:
        found = unpack.decompress(body, most + 1)
    except zlib.error:
        raise BadRequest("The body is not what gzip makes.", code="invalid_encoding") from None
    if len(found) > most:
        raise TooLarge(f"The body is larger than {most} bytes when it is unpacked.")
    if not unpack.eof:
        raise BadRequest("The packed body ends too early.", code="invalid_encoding")
    return found


def _read(body: bytes, is_json: bool, account: str) -> tuple[list[Span], int]:
    return spans_of(read_json(body) if is_json else read_protobuf(body), account)


def _taken(refused: int, is_json: bool) -> Response:
    """An ExportTraceServiceResponse, which is empty where every span was taken."""
    if is_json:
        partial = {"partialSuccess": {"rejectedSpans": str(refused), "errorMessage": REFUSED}} if refused else {}
        return Response(msgspec.json.encode(partial), media_type=JSON)
    said = bytes_field(1, varint_field(1, refused) + text_field(2, REFUSED)) if refused else b""
    return Response(said, media_type=PROTOBUF)

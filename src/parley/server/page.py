"""`/openapi.json`: every operation of the surface and of the management API, as one document."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley import __version__
from parley.core.asks import Chat, Embed, TextCompletion
from parley.server import receipts, scale, telemetry
from parley.server.api.openapi import openapi_document
from parley.server.api.operation import Operation
from parley.server.api.routes import operations
from parley.server.maitai import operations as maitai
from parley.server.portkey import operations as portkey
from parley.server.submissions import IntentQuery, SettledIntent, Submission, Submitted

UPSTREAM = (404, 412, 429, 502, 504)
"""How a call can end besides what every operation has; an upstream's own 4xx and 5xx come through as they are."""

SURFACE = (
    Operation(
        method="POST",
        path="/v1/chat/completions",
        summary="Answer a conversation, whole or as a stream",
        tag="calls",
        body=Chat,
        answer=dict[str, Any],
        errors=UPSTREAM,
    ),
    Operation(
        method="POST",
        path="/v1/completions",
        summary="Continue a text",
        tag="calls",
        body=TextCompletion,
        answer=dict[str, Any],
        errors=UPSTREAM,
    ),
    Operation(
        method="POST",
        path="/v1/embeddings",
        summary="Turn texts into vectors",
        tag="calls",
        body=Embed,
        answer=dict[str, Any],
        errors=UPSTREAM,
    ),
    Operation(method="GET", path="/v1/models", summary="List the models", tag="models", answer=dict[str, Any]),
    Operation(
        method="GET",
        path="/v1/models/{name}",
        summary="Show one model",
        tag="models",
        answer=dict[str, Any],
        errors=(404,),
    ),
    Operation(
        method="GET",
        path="/v1/intent",
        summary="Read what an application and intent settle, for clients that ask a provider themselves",
        tag="calls",
        query=IntentQuery,
        answer=SettledIntent,
    ),
    Operation(
        method="POST",
        path="/v1/submissions",
        summary="Hand in a request and the answer that a provider gave to it, to be kept and evaluated",
        tag="calls",
        body=Submission,
        answer=Submitted,
    ),
    Operation(
        method="GET",
        path="/health/live",
        summary="Is the process alive",
        tag="probes",
        answer=dict[str, Any],
        public=True,
    ),
    Operation(
        method="GET",
        path="/health/ready",
        summary="Can it take calls",
        tag="probes",
        answer=dict[str, Any],
        public=True,
    ),
    Operation(
        method="GET", path="/metrics", summary="Counters for Prometheus", tag="probes", answer="text/plain", public=True
    ),
    Operation(
        method="GET", path="/openapi.json", summary="This document", tag="probes", answer=dict[str, Any], public=True
    ),
    *receipts.OPERATIONS,
    *scale.OPERATIONS,
    *maitai.OPERATIONS,
    *portkey.OPERATIONS,
    *telemetry.OPERATIONS,
)


def page_route() -> Route:
    """The route of the document, which is made once, when first asked for."""
    made: dict[str, Any] = {}

    async def page(_: Request) -> Response:
        if not made:
            made.update(openapi_document([*SURFACE, *operations()], __version__))
        return JSONResponse(made)

    return Route("/openapi.json", page)

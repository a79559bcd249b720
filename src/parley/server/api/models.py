"""`/api/models`: what can be reached, and through whom."""

from typing import Any

from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed


async def list_models(services: ApiServices, asked: Asked) -> Any:
    """Every model, on one page."""
    return {"data": await services.catalog.describe(), "next": None}


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/models",
            tag="models",
            summary="List the models that can be reached",
            answer=Listed[dict[str, Any]],
        ),
        list_models,
    ),
)

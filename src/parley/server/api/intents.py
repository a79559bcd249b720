"""`/api/applications/{application}/intents`: what an application's requests are for, and what is settled for each."""

from typing import Any

from parley.core.holdings import Named
from parley.server.api.configs import config_endpoints, listed
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed

PATH = "/api/applications/{application}/intents"


async def list_intents(services: ApiServices, asked: Asked) -> Any:
    """Every intent of the application by name, on one page."""
    return listed(await services.configs.intents(asked.path["application"]), None)


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path=PATH,
            tag="applications",
            summary="List an application's intents; version 0 means that nothing is settled",
            answer=Listed[Named],
            errors=(404,),
        ),
        list_intents,
    ),
    *config_endpoints(PATH + "/{intent}", "intent"),
)

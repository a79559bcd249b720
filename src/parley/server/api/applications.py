"""`/api/applications`: who sends conversations here, and what is settled for their requests."""

from typing import Any

from parley.core.holdings import Named
from parley.server.api.configs import config_endpoints, listed
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging


async def list_applications(services: ApiServices, asked: Asked) -> Any:
    """Applications by name."""
    page = await services.configs.page(asked.query.limit, asked.query.after)
    return listed(page.data, page.next)


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/applications",
            tag="applications",
            summary="List the applications; version 0 means that nothing is settled",
            query=Paging,
            answer=Listed[Named],
        ),
        list_applications,
    ),
    *config_endpoints("/api/applications/{application}", "application"),
)

"""`/api/cache`: what is kept to be given again, and having it forgotten."""

from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from parley.cache.desk import CacheDesk
from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import CacheRow
from parley.server.api.operation import Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed


class CacheQuery(Struct, frozen=True, kw_only=True):
    """Which answers."""

    account: str | None = None
    application: str | None = None
    namespace: Annotated[str, Meta(description="An `x-portkey-cache-namespace`; empty: without one.")] | None = None
    model: Annotated[str, Meta(description="The model that answered.")] | None = None
    user_id: Annotated[str, Meta(description="Answers that were made for this user.")] | None = None


class PurgeQuery(CacheQuery, frozen=True, kw_only=True):
    """Which answers are to go; at least one of these."""

    key: Annotated[str, Meta(description="The `x-parley-cache-key` of an answer.")] | None = None
    all: Annotated[bool, Meta(description="Everything, where nothing else is named.")] = False


class Purged(Struct, frozen=True, kw_only=True):
    """How many answers are gone."""

    removed: int


async def list_kept(services: ApiServices, asked: Asked) -> Any:
    """Sums per account, application and namespace."""
    return {"data": await _desk(services).kept(_filters(asked.query)), "next": None}


async def purge(services: ApiServices, asked: Asked) -> Any:
    """Forgets answers."""
    query: PurgeQuery = asked.query
    filters = _filters(query)
    if bool(filters) == query.all:
        raise BadRequest(
            f"Name what is to go by {', '.join(f'`{name}`' for name in PurgeQuery.__struct_fields__)}: "
            "either filters, or `all=true` for everything.",
            param="all",
        )
    return Purged(removed=await _desk(services).purge(filters))


def _desk(services: ApiServices) -> CacheDesk:
    if services.cache is None:
        raise NotFound("There is no cache here.")
    return services.cache


def _filters(query: CacheQuery) -> dict[str, str]:
    given = structs.asdict(query)
    return {name: value for name, value in given.items() if value is not None and name != "all"}


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET",
            path="/api/cache",
            tag="cache",
            summary="Sum up what is kept, per account, application and namespace",
            query=CacheQuery,
            answer=Listed[CacheRow],
        ),
        list_kept,
    ),
    Endpoint(
        Operation(
            method="DELETE",
            path="/api/cache",
            tag="cache",
            summary="Forget answers by account, application, namespace, user, model or key",
            query=PurgeQuery,
            answer=Purged,
        ),
        purge,
    ),
)

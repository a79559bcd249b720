"""`/api/keys`: made, listed and revoked; a secret is shown once and never again."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from parley.core.holdings import Key
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.reading import time_of
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make. `expires_at` is a date, a date and time, or epoch seconds; without it the key does not expire."""

    name: Text = "key"
    scopes: Annotated[list[Literal["inference", "admin"]], Meta(min_length=1, max_length=2)] = field(
        default_factory=lambda: ["inference"]
    )
    account: Text = "default"
    expires_at: str | float | None = None


class ShownKey(Struct, frozen=True, kw_only=True):
    """A key without its secret; times are epoch seconds."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    account: str
    created: float
    expires_at: float | None
    revoked_at: float | None


class MadeKey(ShownKey, frozen=True, kw_only=True):
    """A new key with its secret, this once."""

    key: str


async def list_keys(services: ApiServices, asked: Asked) -> Any:
    """Keys, newest first."""
    page = await services.keys.page(asked.query.limit, asked.query.after)
    return {"data": [_shown(key) for key in page.data], "next": page.next}


async def create_key(services: ApiServices, asked: Asked) -> Any:
    """A new key."""
    body: NewKey = asked.body
    secret, key = await services.keys.create(
        body.name, scopes=tuple(body.scopes), account=body.account, expires_at=time_of(body.expires_at, "expires_at")
    )
    return Answer(body={"id": key.id, "key": secret, **_shown(key)}, status=201, headers={"cache-control": "no-store"})


async def get_key(services: ApiServices, asked: Asked) -> Any:
    """One key."""
    return _shown(await services.keys.get(asked.path["id"]))


async def revoke_key(services: ApiServices, asked: Asked) -> Any:
    """Ends a key."""
    return _shown(await services.keys.revoke(asked.path["id"]))


def _shown(key: Key) -> dict[str, Any]:
    return {name: getattr(key, name) for name in ShownKey.__struct_fields__}


ENDPOINTS = (
    Endpoint(
        Operation(
            method="GET", path="/api/keys", tag="keys", summary="List keys", query=Paging, answer=Listed[ShownKey]
        ),
        list_keys,
    ),
    Endpoint(
        Operation(
            method="POST",
            path="/api/keys",
            tag="keys",
            summary="Make a key; the answer shows its secret this once",
            body=NewKey,
            answer=MadeKey,
            status=201,
        ),
        create_key,
    ),
    Endpoint(
        Operation(
            method="GET", path="/api/keys/{id}", tag="keys", summary="Read a key", answer=ShownKey, errors=(404,)
        ),
        get_key,
    ),
    Endpoint(
        Operation(
            method="DELETE",
            path="/api/keys/{id}",
            tag="keys",
            summary="Revoke a key; it stays in lists",
            answer=ShownKey,
            errors=(404, 409),
        ),
        revoke_key,
    ),
    Endpoint(
        Operation(
            method="POST",
            path="/api/keys/{id}/revoke",
            tag="keys",
            summary="Revoke a key; it stays in lists",
            answer=ShownKey,
            errors=(404, 409),
        ),
        revoke_key,
    ),
)

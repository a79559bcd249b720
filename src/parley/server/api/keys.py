"""`/api/keys`: made, listed and revoked; a secret is shown once and never again."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from parley.core.allowances import Allowance, Budget, Pattern, PerMinute
from parley.core.holdings import Key
from parley.server.api.accounts import Spent, changed, shown_allowance, spent_of
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.reading import time_of
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class KeyChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a key may use from now on; `[]` or `{}` takes a bound away, what is not given stays."""

    budgets: Annotated[list[Budget], Meta(max_length=16)] | None = None
    limits: PerMinute | None = None
    models: Annotated[list[Pattern], Meta(max_length=1000)] | None = None


class NewKey(KeyChanges, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
    budgets: list[Budget]
    limits: PerMinute
    models: list[str] | None


class OneKey(ShownKey, frozen=True, kw_only=True):
    """A key with what was spent with it."""

    spent: list[Spent]


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
        body.name,
        scopes=tuple(body.scopes),
        account=body.account,
        expires_at=time_of(body.expires_at, "expires_at"),
        allowance=changed(Allowance(), body),
    )
    services.accounts.meet(key.account)
    return Answer(body={"id": key.id, "key": secret, **_shown(key)}, status=201, headers={"cache-control": "no-store"})


async def get_key(services: ApiServices, asked: Asked) -> Any:
    """One key, and what was spent with it."""
    key = await services.keys.get(asked.path["id"])
    return {**_shown(key), "spent": await spent_of(services, f"key {key.id}", key.allowance)}


async def change_key(services: ApiServices, asked: Asked) -> Any:
    """Changes what a key may use."""
    key = await services.keys.get(asked.path["id"])
    await services.accounts.allow_key(key.id, changed(key.allowance or Allowance(), asked.body))
    return _shown(await services.keys.get(key.id))


async def revoke_key(services: ApiServices, asked: Asked) -> Any:
    """Ends a key."""
    return _shown(await services.keys.revoke(asked.path["id"]))


def _shown(key: Key) -> dict[str, Any]:
    return {**{name: getattr(key, name) for name in PLAIN}, **shown_allowance(key.allowance)}


PLAIN = ("id", "name", "prefix", "scopes", "account", "created", "expires_at", "revoked_at")


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
        Operation(method="GET", path="/api/keys/{id}", tag="keys", summary="Read a key", answer=OneKey, errors=(404,)),
        get_key,
    ),
    Endpoint(
        Operation(
            method="PATCH",
            path="/api/keys/{id}",
            tag="keys",
            summary="Change what a key may use",
            body=KeyChanges,
            answer=ShownKey,
            errors=(404,),
        ),
        change_key,
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

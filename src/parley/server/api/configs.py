"""What applications and intents have in common: their configuration, read, changed, and restored version by version.

The body of PUT and PATCH is the configuration itself. Who must not overwrite somebody else's change names the version
that was read, as `If-Match` or `?version=`: where it is no longer the current one, the answer is 409.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from parley.accounts.config import IntentConfig
from parley.core.errors import BadRequest
from parley.core.holdings import Named, Settled
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging

LAST = 2**31 - 1
Version = Annotated[int, Meta(ge=1, le=LAST, description="The version that the change is made to.")]


class Expected(Struct, frozen=True, kw_only=True):
    """Which version a change is made to; without it the change is made to whatever is there."""

    version: Version | None = None


class Configuration(Struct, frozen=True, kw_only=True):
    """One version of what an application, or one of its intents, settles; `created` is in epoch seconds."""

    application: str
    intent: str | None
    version: int
    created: float
    author: str
    config: IntentConfig


async def read(services: ApiServices, asked: Asked) -> Any:
    """The version that counts."""
    return _tagged(await services.configs.current(*_place(asked)))


async def put(services: ApiServices, asked: Asked) -> Any:
    """Replaces the configuration."""
    return _tagged(await services.configs.put(*_place(asked), asked.body, asked.caller.key_id, expected(asked)))


async def patch(services: ApiServices, asked: Asked) -> Any:
    """Changes parts of the configuration."""
    return _tagged(await services.configs.patch(*_place(asked), asked.body, asked.caller.key_id, expected(asked)))


async def delete(services: ApiServices, asked: Asked) -> Any:
    """Forgets it."""
    await services.configs.delete(*_place(asked))
    return {"deleted": True}


async def versions(services: ApiServices, asked: Asked) -> Any:
    """Every version, newest first."""
    page = await services.configs.versions(*_place(asked), asked.query.limit, asked.query.after)
    return listed(page.data, page.next)


async def one_version(services: ApiServices, asked: Asked) -> Any:
    """One version."""
    return structs.asdict(await services.configs.version(*_place(asked), number(asked)))


async def restore(services: ApiServices, asked: Asked) -> Any:
    """Settles an old version anew."""
    return _tagged(await services.configs.restore(*_place(asked), number(asked), asked.caller.key_id))


def listed(found: Sequence[Settled | Named], after: str | None) -> dict[str, Any]:
    """A page of configurations or names."""
    return {"data": [structs.asdict(one) for one in found], "next": after}


def config_endpoints(path: str, noun: str) -> tuple[Endpoint, ...]:
    """The endpoints below `path`, which names an application or an intent (`noun`)."""
    tag = "applications"

    def operation(method: str, below: str, summary: str, **more: Any) -> Operation:
        return Operation(method=method, path=path + below, tag=tag, summary=summary, **more)

    changes = {"query": Expected, "body": IntentConfig, "loose": True, "answer": Configuration}
    page = {"query": Paging, "answer": Listed[Configuration], "errors": (404,)}
    one = {"answer": Configuration, "errors": (404,)}
    return (
        Endpoint(operation("GET", "", f"Read the {noun}'s configuration", **one), read),
        Endpoint(operation("PUT", "", f"Replace the {noun}'s configuration", errors=(404, 409), **changes), put),
        Endpoint(
            operation("PATCH", "", "Change parts of it (RFC 7396: null removes)", errors=(404, 409), **changes), patch
        ),
        Endpoint(
            operation("DELETE", "", f"Forget the {noun}, every version of it", answer=Deleted, errors=(404,)), delete
        ),
        Endpoint(operation("GET", "/versions", "List the versions, newest first", **page), versions),
        Endpoint(operation("GET", "/versions/{version}", "Read one version", **one), one_version),
        Endpoint(
            operation(
                "POST",
                "/versions/{version}/restore",
                "Settle an old version anew",
                answer=Configuration,
                errors=(404, 409),
            ),
            restore,
        ),
    )


class Deleted(Struct, frozen=True):
    """It is gone."""

    deleted: bool


def _place(asked: Asked) -> tuple[str, str | None]:
    return asked.path["application"], asked.path.get("intent")


def number(asked: Asked) -> int:
    """The version that the path names. Raises BadRequest."""
    return _whole(asked.path["version"], "version")


def expected(asked: Asked) -> int | None:
    """The version that a change is made to, if the request says. Raises BadRequest."""
    if asked.query.version is not None:
        version: int = asked.query.version
        return version
    tag = (asked.if_match or "").strip().removeprefix("W/").strip('"')
    return None if tag in ("", "*") else _whole(tag, "If-Match")


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= LAST):
        raise BadRequest(f"`{name}` is the number of a version, from 1.", param=name)
    return int(text)


def _tagged(settled: Settled) -> Answer:
    return Answer(body=structs.asdict(settled), headers={"etag": f'"{settled.version}"'})

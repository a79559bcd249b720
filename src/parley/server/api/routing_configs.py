"""`/api/configs`: named routing configs, read, changed and restored version by version.

The body of PUT is the config itself, in Portkey's shape; `x-portkey-config: NAME`, or NAME as a model, then uses it.
"""

from typing import Any

from msgspec import structs

from parley.core.errors import BadRequest
from parley.core.holdings import NamedConfig
from parley.server.api.configs import Deleted, Expected, expected, number
from parley.server.api.operation import Answer, Asked, Endpoint, Operation
from parley.server.api.services import ApiServices
from parley.server.api.shapes import Listed, Paging

PATH = "/api/configs"
ONE = f"{PATH}/{{name}}"
TAG = "configs"


async def list_configs(services: ApiServices, asked: Asked) -> Any:
    """Every config by name."""
    names = [one for one in services.routes.all() if asked.query.after is None or one.name > asked.query.after]
    page = names[: asked.query.limit]
    more = page[-1].name if len(names) > len(page) else None
    return {"data": [structs.asdict(one) for one in page], "next": more}


async def read_one(services: ApiServices, asked: Asked) -> Any:
    """The version that counts."""
    return _tagged(services.routes.current(asked.path["name"]))


async def put(services: ApiServices, asked: Asked) -> Any:
    """Saves a new version."""
    if not isinstance(asked.body, dict):
        raise BadRequest("The body is the config: a JSON object.")
    return _tagged(await services.routes.put(asked.path["name"], asked.body, asked.caller.key_id, expected(asked)))


async def delete(services: ApiServices, asked: Asked) -> Any:
    """Forgets it."""
    await services.routes.delete(asked.path["name"])
    return {"deleted": True}


async def versions(services: ApiServices, asked: Asked) -> Any:
    """Every version, newest first."""
    page = await services.routes.versions(asked.path["name"], asked.query.limit, asked.query.after)
    return {"data": [structs.asdict(one) for one in page.data], "next": page.next}


async def one_version(services: ApiServices, asked: Asked) -> Any:
    """One version."""
    return structs.asdict(await services.routes.version(asked.path["name"], number(asked)))


async def restore(services: ApiServices, asked: Asked) -> Any:
    """Saves an old version anew."""
    return _tagged(await services.routes.restore(asked.path["name"], number(asked), asked.caller.key_id))


def _tagged(config: NamedConfig) -> Answer:
    return Answer(body=structs.asdict(config), headers={"etag": f'"{config.version}"'})


def _operation(method: str, path: str, summary: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, tag=TAG, summary=summary, **{"answer": NamedConfig, **more})


ENDPOINTS = (
    Endpoint(
        _operation("GET", PATH, "List the routing configs by name", query=Paging, answer=Listed[NamedConfig]),
        list_configs,
    ),
    Endpoint(_operation("GET", ONE, "Read a routing config", errors=(404,)), read_one),
    Endpoint(
        _operation(
            "PUT",
            ONE,
            "Save a routing config as a new version",
            query=Expected,
            body=dict[str, Any],
            loose=True,
            errors=(409,),
        ),
        put,
    ),
    Endpoint(
        _operation("DELETE", ONE, "Forget a routing config, every version of it", answer=Deleted, errors=(404, 409)),
        delete,
    ),
    Endpoint(
        _operation(
            "GET",
            f"{ONE}/versions",
            "List its versions, newest first",
            query=Paging,
            answer=Listed[NamedConfig],
            errors=(404,),
        ),
        versions,
    ),
    Endpoint(_operation("GET", f"{ONE}/versions/{{version}}", "Read one version of it", errors=(404,)), one_version),
    Endpoint(
        _operation("POST", f"{ONE}/versions/{{version}}/restore", "Save an old version anew", errors=(404, 409)),
        restore,
    ),
)

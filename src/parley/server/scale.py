"""Scale's clients: the paths of their calls, and the few that tell them who they are and which models there are.

A model's name serves as its id and as that of its one deployment, so that a deployment's id is not looked at.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Raw, Struct, json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.core.call import Caller
from parley.core.error_shape import error_body, error_json
from parley.core.errors import GatewayError, NotFound
from parley.dialects import scale_egp
from parley.server.api.operation import Operation
from parley.server.surface import Headers, Surface

ACCOUNT = b"x-selected-account-id"
CALLER = "parley.caller"

ReadFor = Callable[[Mapping[str, str], bytes, str | None], tuple[Any, dict[str, Raw]]]


def _at(pattern: str, read: ReadFor, **more: Any) -> tuple[re.Pattern[str], Surface]:
    """The surface of the paths that fit `pattern`; `read` gets its parameters, the body and the account selected."""

    def read_at(parameters: Mapping[str, str], headers: Headers, body: bytes) -> tuple[Any, dict[str, Raw]]:
        return read(parameters, body, headers.get(ACCOUNT, b"").decode("latin-1") or None)

    surface = Surface(
        dialect=scale_egp.NAME,
        read=_nowhere,
        read_at=read_at,
        write_error=scale_egp.write_error,
        settles=scale_egp.SETTLES,
        **more,
    )
    return re.compile(pattern), surface


def _nowhere(body: bytes) -> tuple[Any, dict[str, Raw]]:
    raise NotFound("There is nothing at this path.")


SCALE = (
    _at(
        "/v[2-4]/chat-completions",
        lambda _, body, account: scale_egp.read_chat(body, account),
        write_reply=scale_egp.write_chat,
        stream_writer=scale_egp.ChatStream,
    ),
    _at(
        "/v[24]/completions",
        lambda _, body, account: scale_egp.read_completion(body, account),
        write_reply=scale_egp.write_completion,
        stream_writer=scale_egp.CompletionStream,
    ),
    _at(
        "/v4/agents/execute",
        lambda _, body, account: scale_egp.read_agent(body, account),
        write_reply=scale_egp.write_agent,
    ),
    _at(
        "/v4/models/(?P<model>.+)/chat-completions",
        lambda at, body, account: scale_egp.read_deployed(at["model"], body, account),
        write_reply=scale_egp.write_deployed,
        stream_writer=scale_egp.ChatStream,
    ),
    _at(
        "/v[34]/models/(?P<model>.+)/deployments/.+/execute",
        lambda at, body, account: scale_egp.read_execute(at["model"], body, account),
        write_reply=scale_egp.write_execute,
    ),
    _at(
        "/v4/models/(?P<model>.+)/embeddings",
        lambda at, body, account: scale_egp.read_execute(at["model"], body, account),
        write_reply=scale_egp.write_execute,
    ),
)
"""Scale's paths, for the patterns of the surfaces."""


class Detail(Struct, frozen=True):
    """What went wrong, as Scale's clients read it: a sentence, or on 422 a list of places and sentences."""

    detail: str | list[dict[str, Any]]


Page = Callable[[Request], Awaitable[Any]]
"""Answers a GET with something that JSON can hold."""


def _call(path: str, summary: str) -> Operation:
    json_object = dict[str, Any]
    return Operation(
        method="POST",
        path=path,
        summary=summary,
        tag="scale",
        body=json_object,
        answer=json_object,
        failure=Detail,
        errors=CALL_ERRORS,
    )


def _read(path: str, summary: str, answer: Any = dict[str, Any]) -> Operation:
    errors = (404,) if "{" in path else ()
    return Operation(method="GET", path=path, summary=summary, tag="scale", answer=answer, errors=errors)


CALL_ERRORS = (404, 429, 502, 504)
OPERATIONS = (
    *(
        _call(f"/{version}/chat-completions", "Answer a conversation, in Scale's shape")
        for version in ("v2", "v3", "v4")
    ),
    *(_call(f"/{version}/completions", "Answer a prompt, in Scale's shape") for version in ("v2", "v4")),
    _call("/v4/agents/execute", "Ask an agent for its next action"),
    _call("/v4/models/{model}/chat-completions", "Answer a history and a prompt by one deployment"),
    _call("/v4/models/{model}/embeddings", "Turn texts into vectors by one deployment"),
    _call("/v3/models/{model}/deployments/{deployment}/execute", "Ask a deployment, whatever its type"),
    _call("/v4/models/{model}/deployments/{deployment}/execute", "Ask a deployment, whatever its type"),
    _read("/user-info", "Show whose key this is"),
    _read("/users/{id}", "Show whose key this is"),
    _read("/v3/models", "List the models, in Scale's shape", list[Any]),
    _read("/v3/models/{model}", "Show one model, in Scale's shape"),
    _read("/v3/models/{model}/deployments", "List the one deployment of a model", list[Any]),
    _read("/v3/models/{model}/deployments/{deployment}", "Show the deployment of a model"),
    _read("/v3/model-groups", "List the providers as groups of models", list[Any]),
    _read("/v4/models", "List the models, a page in Scale's shape"),
    _read("/v4/models/{model}", "Show one model, in Scale's shape"),
    _read("/v4/models/{model}/deployments", "List the one deployment of a model"),
    _read("/v4/models/{model}/deployments/{deployment}", "Show the deployment of a model"),
    _read("/v4/model-groups", "List the providers as groups of models"),
)
"""Scale's paths, for `/openapi.json` and the reference."""


class Described(Protocol):
    """The models that can be reached."""

    async def describe(self) -> list[dict[str, Any]]:
        """One plain object per model, with at least `id` and `provider`."""


class ScalePages:
    """What its clients read: the user, the catalogue. Nobody's account is told to anyone else."""

    def __init__(self, models: Described, since: float) -> None:
        """`since` (epoch seconds) stands where the wire wants the time of a making that nobody knows."""
        self._models = models
        self._since = datetime.fromtimestamp(since, UTC).isoformat()

    def routes(self) -> list[Route]:
        """All of them."""
        both: dict[str, Page] = {
            "models": self._every,
            "model-groups": self._groups,
            "models/{name:path}/deployments": self._deployments,
            "models/{name:path}/deployments/{deployment:path}": self._deployment,
            "models/{name:path}": self._one,
        }
        pages: dict[str, Page] = {"/user-info": self._user, "/users/{id}": self._user}
        for version in ("v3", "v4"):
            pages.update({f"/{version}/{path}": page for path, page in both.items()})
        return [Route(path, _told(page)) for path, page in pages.items()]

    async def _user(self, request: Request) -> Any:
        caller: Caller = request.scope[CALLER]
        if request.path_params.get("id", caller.key_id) != caller.key_id:
            raise NotFound("A key is told of nobody but itself: GET /user-info says who it is.")
        account = {"id": caller.account, "name": caller.account}
        role = "admin" if "admin" in caller.scopes else "member"
        name = caller.name or caller.key_id
        return {
            "id": caller.key_id,
            "email": f"{name}@{caller.account}",
            "first_name": name,
            "last_name": None,
            "access_profiles": [{"role": role, "account": account}],
        }

    async def _every(self, request: Request) -> Any:
        found = [self._model(one, request) for one in await self._models.describe()]
        return _listed(found, request)

    async def _one(self, request: Request) -> Any:
        return self._model(await self._named(request), request)

    async def _deployments(self, request: Request) -> Any:
        found = [self._deployed(await self._named(request), request)]
        return _listed(found, request)

    async def _deployment(self, request: Request) -> Any:
        return self._deployed(await self._named(request), request)

    async def _groups(self, request: Request) -> Any:
        """One group for each provider."""
        providers = sorted({one["provider"] for one in await self._models.describe()})
        found = [{**self._made(name, request), "description": f"The models of {name}."} for name in providers]
        return _listed(found, request)

    async def _named(self, request: Request) -> dict[str, Any]:
        name = request.path_params["name"]
        for one in await self._models.describe():
            if one["id"] == name:
                return one
        raise NotFound(f"There is no model `{name}` here. GET /v3/models lists what there is.", code="model_not_found")

    def _model(self, one: dict[str, Any], request: Request) -> dict[str, Any]:
        return {
            **self._made(one["id"], request),
            "model_type": "EMBEDDING" if one.get("embeds") else "CHAT_COMPLETION",
            "model_vendor": VENDORS.get(one["provider"], "OTHER"),
            "model_group_id": one["provider"],
            "request_schema": {},
            "response_schema": {},
        }

    def _deployed(self, one: dict[str, Any], request: Request) -> dict[str, Any]:
        state = {"status": "READY", "model_instance_id": one["id"], "model_creation_parameters": None}
        return {**self._made(one["id"], request), **state}

    def _made(self, id: str, request: Request) -> dict[str, Any]:
        caller: Caller = request.scope[CALLER]
        known = {"id": id, "name": id, "created_at": self._since, "account_id": caller.account}
        return {**known, "created_by_user_id": caller.key_id}


VENDORS = {
    "openai": "OPENAI",
    "cohere": "COHERE",
    "google": "GOOGLE",
    "anthropic": "ANTHROPIC",
    "bedrock": "BEDROCK",
    "engine": "LLMENGINE",
}
"""The vendors that `scale-egp` knows, by the names of our providers."""


def _listed(items: list[Any], request: Request) -> Any:
    """A plain list, or since version 4 a page of one."""
    if request.url.path.startswith("/v3/"):
        return items
    return {"items": items, "total_item_count": len(items), "current_page": 1, "items_per_page": max(len(items), 1)}


def _told(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def told(request: Request) -> Response:
        return Response(json.encode(await page(request)), media_type="application/json")

    return told


def error_page(error: GatewayError, path: str) -> bytes:
    """The body that tells of an error at a path where no calls are taken: on Scale's paths with their `detail`, too."""
    if not path.startswith(PREFIXES):
        return error_body(error)
    return json.encode({"detail": error.message, **error_json(error)})


PREFIXES = ("/v2/", "/v3/", "/v4/", "/user-info", "/users/")

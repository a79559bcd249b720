"""The OpenAPI 3.1 page, generated from the operations: what is not in an operation is not promised."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, inspect

from parley.server.api.operation import Operation

REFUSALS = {
    400: "A value is missing, wrong or out of range.",
    401: "No key, or one that is unknown, revoked or expired.",
    403: "The key is good, but not for this.",
    404: "There is no such thing.",
    405: "The path is right, the method is not.",
    409: "Somebody changed it in between, or it can not be changed.",
    412: "A budget is used up, or the model is not allowed for this key or account.",
    413: "The body is too large.",
    415: "The body, or a file in it, is of a kind that is not taken.",
    422: "Well-formed, but not what this path takes.",
    429: "Too many requests.",
    500: "A fault in Parley.",
    501: "This machine can not do it.",
    502: "The upstream failed.",
    503: "Too much is waiting, or the store is away; come back later.",
    504: "The upstream did not answer in time.",
}
SAID = {200: "Done.", 201: "Made.", 204: "Done; nothing to say."}


class ErrorBody(Struct, frozen=True):
    """What went wrong, in one sentence."""

    message: str
    type: str
    param: str | None
    code: str | int | None


class ErrorAnswer(ErrorBody, frozen=True):
    """The one shape of every error, for clients that read `error` and for those that read the top level."""

    error: ErrorBody
    object: str


def openapi_document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The document that `/openapi.json` answers."""
    types = [
        t
        for o in operations
        for t in (o.query, o.body, o.answer, o.failure)
        if t is not None and not isinstance(t, str)
    ]
    shapes, components = msgspec.json.schema_components(
        [*types, ErrorAnswer], ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(map(repr, [*types, ErrorAnswer]), shapes, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": version, "description": "A self-hosted chat-completions gateway."},
        "paths": paths,
        "components": {
            "schemas": msgspec.json.decode(msgspec.json.encode(components)),  # defaults that are tuples become lists
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def refusals(operation: Operation) -> list[int]:
    """Every error status that can occur."""
    own = set(operation.errors) | {500, 503}
    if not operation.public:
        own |= {401, 403}
    if operation.query is not None or operation.body is not None:
        own.add(400)
    if operation.body is not None or operation.upload:
        own.add(413)
    return sorted(own | {400})


def _operation(operation: Operation, schema_of: dict[str, Any]) -> dict[str, Any]:
    page: dict[str, Any] = {
        "summary": operation.summary,
        "tags": [operation.tag],
        "operationId": _name(operation),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": _responses(operation, schema_of),
    }
    if operation.public:
        page["security"] = []
    if operation.body is not None:
        schema = schema_of[repr(operation.body)]
        page["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.upload:
        kind = "multipart/form-data" if operation.body is not None else "*/*"
        page.setdefault("requestBody", {"required": True, "content": {}})["content"][kind] = {}
    return page


def _responses(operation: Operation, schema_of: dict[str, Any]) -> dict[str, Any]:
    shapes = [schema_of[repr(shape)] for shape in (ErrorAnswer, operation.failure) if shape is not None]
    error = {"application/json": {"schema": {"anyOf": shapes} if len(shapes) > 1 else shapes[0]}}
    found: dict[str, Any] = {str(s): {"description": REFUSALS[s], "content": error} for s in refusals(operation)}
    done: dict[str, Any] = {"description": SAID.get(operation.status, "Done.")}
    if isinstance(operation.answer, str):
        done["content"] = {kind: {} for kind in operation.answer.split(", ")}
    elif operation.answer is not None:
        done["content"] = {"application/json": {"schema": schema_of[repr(operation.answer)]}}
    done.get("content", {}).update({kind: {} for kind in operation.media})
    for status in (operation.status, *operation.also):
        found[str(status)] = {**done, "description": SAID.get(status, "Done.")}
    return dict(sorted(found.items()))


def _name(operation: Operation) -> str:
    words = re.findall(r"\w+", operation.path.replace("{", "by_"))
    return "_".join([operation.method.lower(), *words])


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    whole = {"version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}}
    return [
        {"name": name, "in": "path", "required": True, "schema": whole.get(name, {"type": "string", "minLength": 1})}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    fields = getattr(inspect.type_info(operation.query), "fields", ())
    (_,), parts = msgspec.json.schema_components([operation.query])
    shapes = parts[operation.query.__name__]["properties"]
    return [_query_parameter(field.name, dict(shapes[field.name])) for field in fields]


def _query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("default", 0) is None:
        schema.pop("default")
    if "anyOf" in schema:
        kinds = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
        schema = {**schema, **kinds[0]} if len(kinds) == 1 else {**schema, "anyOf": kinds}
        if len(kinds) == 1:
            schema.pop("anyOf")
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    description = schema.pop("description", None)
    found: dict[str, Any] = {"name": name, "in": "query", "required": False, "schema": schema}
    return {**found, "description": description} if description else found

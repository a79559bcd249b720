"""The page of every path of the HTTP surface, read from what serves it."""

from typing import Any

from msgspec import inspect

from parley.server.api.openapi import refusals
from parley.server.api.operation import Operation
from parley.server.api.routes import operations
from parley.server.page import SURFACE
from parley.server.surfaces import SURFACES

OPENING = """# HTTP

This page lists every path that a gateway answers; `/openapi.json` of a running one has the same with every
field.

Keys come as `Authorization: Bearer KEY`, `x-api-key` or `x-portkey-api-key`. Asking models needs the scope
`inference`, the paths under `/api` need `admin`, the probes need no key. Lists answer `{"data": [...], "next":
cursor or null}` and take `limit` and `after`. Every answer has `x-request-id` and `x-portkey-trace-id`.
[Errors](errors.md) have one body."""


def http() -> str:
    """Every path with what it does, by subject: where models are asked, then the management API."""
    found: dict[str, list[str]] = {}
    for one in (*SURFACE, *operations()):
        found.setdefault(one.tag, []).append(_row(one))
    parts = [OPENING]
    for tag, rows in found.items():
        head = ["| path | what it does | query | errors of its own |", "|---|---|---|---|"]
        parts.append("\n".join([f"## {tag.capitalize()}", "", *head, *rows]))
    spoken = ", ".join(f"`{path}` (`{surface.dialect}`)" for path, surface in sorted(SURFACES.items()))
    parts.append(f"Dialects of the paths that take calls: {spoken}.")
    return "\n\n".join(parts)


def _row(one: Operation) -> str:
    return f"| `{one.method} {one.path}` | {one.summary} | {_query(one.query)} | {_errors(one)} |"


def _query(kind: Any) -> str:
    fields: tuple[Any, ...] = getattr(inspect.type_info(kind), "fields", ()) if kind is not None else ()
    return ", ".join(f"`{field.name}`" for field in fields)


def _errors(one: Operation) -> str:
    return ", ".join(str(status) for status in refusals(one) if status in one.errors)

"""The page of every error that a client can be told, read from the tree of errors."""

from collections.abc import Iterator
from typing import Any

from docs.generator.words import sentence
from parley.core import errors


def failures() -> str:
    """Every error that a client can be told."""
    shape = "Every error has one body: `message`, `type`, `param` and `code`, in `error` and at the top level."
    rows = [
        f"| {kind.status} | `{kind.type}` | {f'`{kind.code}`' if kind.code else ''} | {sentence(kind)} |"
        for kind in _kinds(errors.GatewayError)
        if not kind.__subclasses__()
    ]
    return "\n".join(["# Errors", "", shape, "", "| status | type | code | |", "|---|---|---|---|", *sorted(rows)])


def _kinds(kind: Any) -> Iterator[Any]:
    yield kind
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__:
            yield from _kinds(one)

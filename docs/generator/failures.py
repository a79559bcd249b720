"""The page of every error that a client can be told, read from the tree of errors."""

from collections.abc import Iterator
from typing import Any

from docs.generator.words import sentence
from parley.core import errors
from parley.store.errors import StoreError

OPENING = """# Errors

This page lists every error that a client can be told.

Every error has one body, whatever path was asked: `message`, `type`, `param` and `code`, in `error` and at the
top level too, and on 422 `detail` as a list. `message` is a sentence that says what was wrong and what to do;
`param` names the field, where there is one. A 429 or 503 that says when to come back has `Retry-After`. In a
stream that has begun the same body comes as an event, and no `[DONE]` follows it.

| status | type | code | what happened |
|---|---|---|---|"""


def failures() -> str:
    """Every error that a client can be told."""
    kinds = [kind for kind in _kinds(errors.GatewayError) if not kind.__subclasses__() or kind in (StoreError,)]
    rows = [
        f"| {_status(kind)} | `{kind.type}` | {f'`{kind.code}`' if kind.code else ''} | {sentence(kind)} |"
        for kind in kinds
    ]
    return "\n".join([OPENING, *sorted(rows)])


def _kinds(kind: Any) -> Iterator[Any]:
    yield kind
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__ or one is StoreError:
            yield from _kinds(one)


def _status(kind: Any) -> str:
    return "the upstream's" if kind is errors.UpstreamRefused else str(kind.status)

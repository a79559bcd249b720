"""What a request's `memory_strategy` says: how much of a conversation a model gets to see.

`{"name": "last_k", "params": {"k": 3}}` is Scale EGP's (2024-10); `token_budget` and `summary` are ours. Parameters may
also stand beside the name.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from parley.core.errors import BadRequest

FIELD = "memory_strategy"
LARGEST = 2**31 - 1


class LastK(Struct, frozen=True):
    """The last `k` messages."""

    k: int


class TokenBudget(Struct, frozen=True):
    """The newest messages that hold at most `max_tokens` together."""

    max_tokens: int


class Summary(Struct, frozen=True):
    """The last `keep` messages, and a summary of at most `max_tokens` of those before."""

    keep: int
    max_tokens: int


Strategy = LastK | TokenBudget | Summary

STRATEGIES: dict[str, tuple[type[LastK | TokenBudget | Summary], dict[str, int | None]]] = {
    "last_k": (LastK, {"k": None}),
    "token_budget": (TokenBudget, {"max_tokens": None}),
    "summary": (Summary, {"keep": 6, "max_tokens": 500}),
}
"""Each strategy's parameters with their defaults; `None`: there is none."""


def read_strategy(raw: Mapping[str, Any]) -> Strategy:
    """The strategy that `raw` names. Raises BadRequest that names the field and what is allowed."""
    name = raw.get("name")
    if not isinstance(name, str) or name not in STRATEGIES:
        said = f"`{name[:64]}` is none" if isinstance(name, str) else "it is missing"
        raise _bad("name", f"must be one of {', '.join(STRATEGIES)}; {said}")
    kind, defaults = STRATEGIES[name]
    params = raw.get("params")
    if not isinstance(params, Mapping | None):
        raise _bad("params", "must be an object")
    given = {**{key: value for key, value in raw.items() if key not in ("name", "params")}, **(params or {})}
    for key in given:
        if key not in defaults:
            raise _bad(f"params.{str(key)[:64]}", f"is no parameter of `{name}`; it takes {', '.join(defaults)}")
    return kind(**{key: _count(given.get(key), default, key) for key, default in defaults.items()})


def _count(value: Any, default: int | None, key: str) -> int:
    if value is None and default is not None:
        return default
    if type(value) is not int or not 1 <= value <= LARGEST:
        raise _bad(f"params.{key}", "must be a whole number of at least 1")
    return value


def _bad(place: str, must: str) -> BadRequest:
    param = f"{FIELD}.{place}"
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")

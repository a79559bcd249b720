"""The queries of a conditional plan: what is asked of a call's facts, and whether it holds.

The operators are Portkey's (`conditionalRouter.ts`, 2026-01-12). As there, values are compared without conversion,
except `$gt`, `$gte`, `$lt` and `$lte`, which read numbers from texts; what is missing equals nothing. Ours to be
safer: every part of a query counts (there `$and`, `$or` and `$regex` end it), patterns are RE2, so none can hang,
and what is missing or no scalar matches no pattern (there it matches as the text "undefined"). Ours to add: the facts
`tokens` (a number) and `content`, a set in which `$eq` and `$in` look for a member.
"""

import math
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from parley.core.asks import Json
from parley.routing.facts import Facts

MISSING = object()
"""The value of a fact that is not there; unlike null, which a request can say."""


FactName = tuple[str, str]
"""`("metadata", "plan")`; the second half is empty for facts that stand alone, such as `tokens`."""


class Test(Struct, frozen=True, kw_only=True):
    """One comparison of one fact: `("metadata", "plan") $eq "pro"`."""

    __test__ = False  # it is no test of ours

    fact: FactName
    operator: str
    value: Any


class AllOf(Struct, frozen=True, kw_only=True):
    """Holds if every part does; without parts it always holds."""

    parts: tuple["Query", ...]


class AnyOf(Struct, frozen=True, kw_only=True):
    """Holds if one part does."""

    parts: tuple["Query", ...]


Query = Test | AllOf | AnyOf


def holds(query: Query, facts: Facts) -> bool:
    """Whether the facts are as the query says."""
    match query:
        case AllOf(parts=parts):
            return all(holds(part, facts) for part in parts)
        case AnyOf(parts=parts):
            return any(holds(part, facts) for part in parts)
        case Test():
            return OPERATORS[query.operator](fact(query.fact, facts), query.value)


def fact(name: FactName, facts: Facts) -> Any:
    """The value that a fact of this name has, or `MISSING`."""
    kind, key = name
    match kind:
        case "metadata":
            return facts.metadata.get(key, MISSING)
        case "params":
            return facts.params.get(key, MISSING)
        case "url":
            return facts.path
        case "session_id" | "user_id":
            value = getattr(facts, kind, None)
            return MISSING if value is None else value
        case _:
            return getattr(facts, kind)


def number(value: Json) -> float:
    """A number, or a text that is one; anything else is not-a-number, which is never more or less than anything."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _same(value: Any, wanted: Json) -> bool:
    if isinstance(value, frozenset):
        return isinstance(wanted, str) and wanted in value
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return value is not MISSING and bool(value == wanted)


def _matches(value: Any, pattern: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    return pattern.search(str(value)) is not None


def _length(value: Any, wanted: tuple[tuple[str, Any], ...]) -> bool:
    return isinstance(value, list) and all(OPERATORS[name](len(value), bound) for name, bound in wanted)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _same,
    "$ne": lambda value, wanted: not _same(value, wanted),
    "$gt": lambda value, bound: number(value) > number(bound),
    "$gte": lambda value, bound: number(value) >= number(bound),
    "$lt": lambda value, bound: number(value) < number(bound),
    "$lte": lambda value, bound: number(value) <= number(bound),
    "$in": lambda value, wanted: any(_same(value, one) for one in wanted),
    "$nin": lambda value, wanted: not any(_same(value, one) for one in wanted),
    "$regex": _matches,
    "$length": _length,
}

"""Reads the `query` of a condition: `{"metadata.plan": {"$eq": "pro"}, "$or": [...]}`."""

from typing import Any

import re2

from parley.core.asks import Json
from parley.routing.mistakes import Mistakes, clipped, guess, under
from parley.routing.query import OPERATORS, AllOf, AnyOf, FactName, Query, Test, number

DEEPEST = 8
MOST_PARTS = 64
LONGEST_PATTERN = 1000
PATTERN_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern."""

ALONE = frozenset({"tokens", "content", "session_id", "user_id"})
KINDS = frozenset({"metadata", "params"})
SET_OPERATORS = frozenset({"$eq", "$ne", "$in", "$nin"})
FACTS = "metadata.NAME, params.NAME, url.pathname, tokens, content, session_id, user_id"


def read_query(given: Json, place: str, mistakes: Mistakes, depth: int = 0) -> Query:
    """The query; what is wrong with it is noted, and then the result is of no use."""
    if not isinstance(given, dict):
        mistakes.add(place, f"a query is an object, but it is {clipped(given)}.")
        return AllOf(parts=())
    if depth > DEEPEST or len(given) > MOST_PARTS:
        mistakes.add(place, f"a query nests at most {DEEPEST} deep and has at most {MOST_PARTS} parts.")
        return AllOf(parts=())
    parts = tuple(_part(key, value, under(place, key), mistakes, depth) for key, value in given.items())
    return parts[0] if len(parts) == 1 else AllOf(parts=parts)


def read_fact(name: str, place: str, mistakes: Mistakes) -> FactName | None:
    """The name of a fact, as `metadata.plan`."""
    kind, _, key = name.partition(".")
    if name in ALONE or name == "url.pathname":
        return kind, key
    if kind in KINDS and key and "." not in key:
        return kind, key
    mistakes.add(place, f"there is no fact `{clipped(name)[1:-1]}`; there is {FACTS}.")
    return None


def _part(key: str, value: Json, place: str, mistakes: Mistakes, depth: int) -> Query:
    if key in ("$and", "$or"):
        if not isinstance(value, list) or not 0 < len(value) <= MOST_PARTS:
            mistakes.add(place, f"it must be a list of 1 to {MOST_PARTS} queries.")
            return AllOf(parts=())
        parts = tuple(read_query(one, f"{place}[{i}]", mistakes, depth + 1) for i, one in enumerate(value))
        return AllOf(parts=parts) if key == "$and" else AnyOf(parts=parts)
    if key.startswith("$"):
        mistakes.add(place, "only `$and` and `$or` stand here; other operators stand under the name of a fact.")
        return AllOf(parts=())
    fact = read_fact(key, place, mistakes)
    if fact is None:
        return AllOf(parts=())
    if not isinstance(value, dict):
        value = {"$eq": value}
    return AllOf(parts=tuple(_test(fact, op, wanted, under(place, op), mistakes) for op, wanted in value.items()))


def _test(fact: FactName, operator: str, wanted: Json, place: str, mistakes: Mistakes) -> Query:
    if operator not in OPERATORS:
        mistakes.add(place, f"there is no operator `{clipped(operator)[1:-1]}`.{guess(operator, OPERATORS)}")
    elif fact[0] == "content" and operator not in SET_OPERATORS:
        mistakes.add(place, f"`content` takes {', '.join(sorted(SET_OPERATORS))}.")
    else:
        return Test(fact=fact, operator=operator, value=_wanted(operator, wanted, place, mistakes))
    return AllOf(parts=())


def _wanted(operator: str, wanted: Json, place: str, mistakes: Mistakes) -> Any:
    match operator:
        case "$regex":
            return _pattern(wanted, place, mistakes)
        case "$length":
            return _length(wanted, place, mistakes)
        case "$in" | "$nin":
            if not isinstance(wanted, list) or not all(_scalar(one) for one in wanted):
                mistakes.add(place, f"it must be a list of plain values, but it is {clipped(wanted)}.")
                return ()
            return tuple(wanted)
        case "$gt" | "$gte" | "$lt" | "$lte":
            if number(wanted) != number(wanted):
                mistakes.add(place, f"it must be a number, but it is {clipped(wanted)}.")
        case _:
            if not _scalar(wanted):
                mistakes.add(place, f"it must be a plain value, but it is {clipped(wanted)}.")
    return wanted


def _pattern(wanted: Json, place: str, mistakes: Mistakes) -> Any:
    if not isinstance(wanted, str) or len(wanted) > LONGEST_PATTERN:
        mistakes.add(place, f"it must be a pattern of at most {LONGEST_PATTERN} characters.")
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        return re2.compile(wanted, options)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0] if error.args else ""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else "it is not valid text"
        mistakes.add(place, f"this is no pattern that RE2 takes: {words}.")
        return None


def _length(wanted: Json, place: str, mistakes: Mistakes) -> tuple[tuple[str, Any], ...]:
    bounds = wanted if isinstance(wanted, dict) else {"$eq": wanted}
    for name, bound in bounds.items():
        if name not in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte") or number(bound) != number(bound):
            mistakes.add(place, "it must be a number, or comparisons with numbers.")
            return ()
    return tuple(bounds.items())


def _scalar(value: Json) -> bool:
    return value is None or isinstance(value, str | int | float | bool)

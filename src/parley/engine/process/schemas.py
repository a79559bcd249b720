"""Which JSON schemas the engine can enforce; anything else is refused by name, since llama.cpp ignores it silently.

What LLGuidance supports: guidance-ai/llguidance docs/json_schema.md, and measured on xllamacpp 2026.10.11549.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import re2

from parley.core.errors import BadRequest

COMPACT = {"whitespace_flexible": False}  # else a weak model writes blanks for ever
LARGEST = 64_000  # bytes of a schema
DEEPEST = 48  # levels
MOST_ITEMS = 10_000  # sum of all bounds on items: llama.cpp builds them one by one, and everybody waits
MOST_LETTERS = 200_000  # sum of all bounds on lengths
MOST_MEMORY = 1 << 20  # bytes of a compiled pattern
NOT_ENFORCED = {
    *("not", "if", "then", "else", "contains", "minContains", "maxContains", "propertyNames", "minProperties"),
    *("maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties"),
    *("unevaluatedItems", "additionalItems", "$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor"),
}
FORMATS = frozenset(["date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"])
ITEM_BOUNDS, LENGTH_BOUNDS = ("minItems", "maxItems"), ("minLength", "maxLength")
MAPS = ("properties", "patternProperties", "$defs", "definitions")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
SINGLE = ("items", "additionalProperties")

Node = dict[str, Any]


def check(schema: Any, param: str, largest: int = LARGEST) -> Node:
    """The schema, if every keyword of it can be enforced. Raises BadRequest that names the keyword and its place.

    `largest` is in bytes.
    """
    if not isinstance(schema, dict):
        raise BadRequest("A schema is a JSON object.", param=param)
    if len(msgspec.json.encode(schema)) > largest:
        raise BadRequest(f"The schema is larger than {largest} bytes.", param=param)
    items = letters = 0
    for place, node in nodes(schema, "#", 0, param):
        check_node(place, node, param)
        items += sum(bound(node, keyword, place, param) for keyword in ITEM_BOUNDS)
        letters += sum(bound(node, keyword, place, param) for keyword in LENGTH_BOUNDS)
        if items > MOST_ITEMS or letters > MOST_LETTERS:
            keyword = "maxItems" if items > MOST_ITEMS else "maxLength"
            limit = MOST_ITEMS if items > MOST_ITEMS else MOST_LETTERS
            raise BadRequest(f"`{keyword}` at {place} is too large: {limit} in a whole schema at most.", param=param)
    try:
        jsonschema_rs.validator_for(schema)
    except Exception as error:
        raise BadRequest(f"The schema is not valid: {str(error).splitlines()[0][:300]}", param=param) from None
    return schema


def nodes(node: Any, place: str, depth: int, param: str) -> Iterator[tuple[str, Node]]:
    """Every schema inside a schema, with its place as a JSON pointer."""
    if depth > DEEPEST:
        raise BadRequest(f"The schema is nested deeper than {DEEPEST} levels.", param=param)
    if not isinstance(node, dict):
        return
    yield place, node
    for keyword in MAPS:
        if isinstance(inner := node.get(keyword), dict):
            for name, child in inner.items():
                yield from nodes(child, f"{place}/{keyword}/{name}", depth + 1, param)
    for keyword in LISTS:
        if isinstance(inner := node.get(keyword), list):
            for index, child in enumerate(inner):
                yield from nodes(child, f"{place}/{keyword}/{index}", depth + 1, param)
    for keyword in SINGLE:
        yield from nodes(node.get(keyword), f"{place}/{keyword}", depth + 1, param)


def check_node(place: str, node: Node, param: str) -> None:
    """Raises BadRequest for a keyword of one schema that can not be enforced."""
    for keyword in NOT_ENFORCED & node.keys():
        raise BadRequest(f"The engine can not enforce `{keyword}` (at {place}); leave it out.", param=param)
    if node.get("uniqueItems"):
        raise BadRequest(f"The engine can not enforce `uniqueItems` (at {place}); leave it out.", param=param)
    if "format" in node and node["format"] not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise BadRequest(f"The engine can not enforce this `format` (at {place}); it knows {known}.", param=param)
    if not str(node.get("$ref", "#")).startswith("#"):
        raise BadRequest(f"`$ref` at {place} leaves the schema; only `#/...` is followed.", param=param)
    patterns = [node["pattern"]] if "pattern" in node else []
    if isinstance(named := node.get("patternProperties"), dict):
        patterns += named
    for pattern in patterns:
        check_pattern(str(pattern), place, param)


def check_pattern(pattern: str, place: str, param: str) -> None:
    """Raises BadRequest for a regular expression that looks around, refers back, or is too large."""
    options = re2.Options()
    options.max_mem, options.log_errors = MOST_MEMORY, False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise BadRequest(f"The engine can not enforce `pattern` (at {place}): {reason}.", param=param) from None


def bound(node: Node, keyword: str, place: str, param: str) -> int:
    """A bound as a number; 0 where there is none."""
    value = node.get(keyword, 0)
    if not isinstance(value, int | float) or value < 0:
        raise BadRequest(f"`{keyword}` at {place} is not a number of 0 or more.", param=param)
    return int(min(value, 1 << 40))

"""Puts JSON right that a model wrote almost right: prose around it, lost brackets, values of another type."""

import re
from typing import Any

import json_repair
import msgspec

from parley.core.asks import Json
from parley.evaluation.schemas import complaints

MOST_REPAIRED = 32_000
"""Characters that are repaired; the time for it grows with their square (some 50 ms for so many)."""

DEEPEST = 64

_FENCED = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL)
_LIST = re.compile(r"\[\s*(?:[\[{\"\-\d\]]|true|false|null)")


def repaired(text: str) -> str | None:
    """The JSON that `text` means, or None where it means none. What is a string all in all was prose."""
    value = _value(text)
    return None if value is None else msgspec.json.encode(value).decode()


def follow(text: str, schema: Json, validator: Any) -> str | None:
    """The JSON that `text` means, with its values fitted to `schema`; None where that is not valid either."""
    value = _value(text)
    if value is None:
        return None
    for candidate in (value, fitted(value, schema, schema)):
        if not complaints(validator, candidate):
            return msgspec.json.encode(candidate).decode()
    return None


def _value(text: str) -> Json:
    """What the JSON in a text says; None where there is none, or it is null."""
    text = text.strip()
    fenced = _FENCED.search(text)
    inside = fenced[1].strip() if fenced else _bracketed(text)
    for candidate in (text, inside):
        try:
            return msgspec.json.decode(candidate.encode())
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
    broken = inside if fenced else _from_bracket(text)
    if not broken.startswith(("{", "[")) or len(broken) > MOST_REPAIRED:
        return None
    try:
        found = json_repair.loads(broken)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) and found else None


def _bracketed(text: str) -> str:
    """The JSON around which there is prose, from its first bracket to its last; empty where it seems to be none."""
    found = _from_bracket(text)
    return found[: max(found.rfind("}"), found.rfind("]")) + 1]


def _from_bracket(text: str) -> str:
    """From the list that a text is, or the first brace on; prose has [1] and {name} in it, which are no answers."""
    if _LIST.match(text):
        return text
    brace = text.find("{")
    return text[brace:] if brace >= 0 and ":" in text[brace:] else ""


def fitted(value: Json, schema: Json, root: Json, depth: int = 0) -> Json:
    """`value` with what a schema plainly wants: numbers out of strings, defaults, no members that are forbidden."""
    schema = _resolved(schema, root)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return value
    types = schema.get("type")
    wanted = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    if wanted and not any(_is(value, kind) for kind in wanted):
        value = next((found for kind in wanted if (found := _as(value, kind)) is not UNFIT), value)
    if isinstance(value, dict):
        return _object(value, schema, root, depth)
    if isinstance(value, list) and "items" in schema:
        return [fitted(item, schema["items"], root, depth + 1) for item in value]
    return _of_enum(value, schema.get("enum"))


def _object(value: dict[str, Json], schema: dict[str, Json], root: Json, depth: int) -> dict[str, Json]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return value
    named = {name.casefold(): name for name in properties}
    closed = schema.get("additionalProperties") is False and not schema.get("patternProperties")
    made: dict[str, Json] = {}
    for name, inner in value.items():
        own = name if name in properties else named.get(name.casefold(), name)
        if own in properties:
            made[own] = fitted(inner, properties[own], root, depth + 1)
        elif not closed:
            made[name] = inner
    for name in schema.get("required", ()):
        inner_schema = _resolved(properties.get(name), root)
        if name not in made and isinstance(inner_schema, dict) and "default" in inner_schema:
            made[name] = inner_schema["default"]
    return made


UNFIT = object()


def _is(value: Json, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, TYPES.get(kind, object))


TYPES: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}
BOOLEANS = {"true": True, "false": False, "yes": True, "no": False}


def _as(value: Json, kind: str) -> Json:
    """`value` as the type `kind` where it plainly means one, else UNFIT."""
    if kind in ("integer", "number") and isinstance(value, str):
        return _number(value, kind)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "boolean" and isinstance(value, str):
        return BOOLEANS.get(value.strip().lower(), UNFIT)
    if kind == "string" and isinstance(value, int | float):
        return msgspec.json.encode(value).decode()
    if kind == "array" and isinstance(value, str | int | float | bool | dict):
        return [value]
    if kind == "null" and isinstance(value, str) and value.strip().lower() in ("", "null", "none"):
        return None
    return UNFIT


def _number(text: str, kind: str) -> Json:
    try:
        found = msgspec.json.decode(text.strip().encode(), type=int if kind == "integer" else float)
    except (msgspec.DecodeError, UnicodeError):
        return UNFIT
    return int(found) if kind == "number" and found.is_integer() and "." not in text else found


def _of_enum(value: Json, allowed: Json) -> Json:
    if not isinstance(allowed, list) or value in allowed or not isinstance(value, str):
        return value
    near = [one for one in allowed if isinstance(one, str) and one.casefold() == value.strip().casefold()]
    return near[0] if len(near) == 1 else value


def _resolved(schema: Json, root: Json) -> Json:
    """The schema behind `$ref`s within the same document."""
    for _ in range(DEEPEST):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            return schema
        reference = schema["$ref"]
        if not reference.startswith("#"):
            return None
        schema = root
        for part in reference[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            schema = schema.get(key) if isinstance(schema, dict) else None
    return None

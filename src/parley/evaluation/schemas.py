"""JSON schemas that users and requests give: compiled once, never fetched from anywhere, patterns in linear time."""

from typing import Any

import jsonschema_rs
import msgspec

from parley.core.asks import Json
from parley.evaluation.check import Wrong

LARGEST = 256 * 1024
"""Bytes of a schema."""

MOST_KEPT = 256
MOST_TOLD = 3
LONGEST = 200


def _nowhere(address: str) -> Any:
    raise ValueError(f"`$ref` to {address}: a schema must hold everything that it refers to")


def compiled(schema: Json, key: str) -> Any:
    """The schema, ready to validate. Raises Wrong."""
    if not isinstance(schema, dict | bool):
        raise Wrong(key, "must be a JSON Schema: an object")
    try:
        if len(msgspec.json.encode(schema)) > LARGEST:
            raise Wrong(key, f"is larger than {LARGEST} bytes")
        return jsonschema_rs.validator_for(schema, retriever=_nowhere, pattern_options=jsonschema_rs.RegexOptions())
    except (ValueError, RecursionError, jsonschema_rs.ReferencingError) as error:
        raise Wrong(key, f"is not a valid JSON Schema: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:LONGEST] if lines else "it is nested too deeply"


def complaints(validator: Any, value: Json) -> str:
    """What is wrong with `value`, with places, as a sentence without its end; empty where it is valid."""
    if validator.is_valid(value):
        return ""
    found: list[str] = []
    for error in validator.iter_errors(value):
        if len(found) == MOST_TOLD:
            found.append("and more")
            break
        place = "".join(f"/{part}" for part in error.instance_path)
        words = error.message if len(error.message) <= LONGEST else error.message[:LONGEST] + "..."
        found.append(f"{words} (at {place})" if place else words)
    return "; ".join(found)


class Kept:
    """Validators of schemas that come with requests, the last `MOST_KEPT` of them."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Any] = {}

    def of(self, schema: Json) -> Any:
        """The validator. Raises Wrong."""
        key = msgspec.json.encode(schema)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = compiled(schema, "schema")
            if len(self._kept) > MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
        return found

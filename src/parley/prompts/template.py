"""Templates in Mustache's simplest form: `{{name}}` stands for a variable, wherever a text stands.

A variable's value is put in as it is and never read as a template again, so that what a user wrote stays text.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from parley.core.asks import Json

_VARIABLE = re.compile(r"\{\{\{?\s*([A-Za-z_][\w.-]{0,127})\s*\}?\}\}")
DEEPEST = 64


def variables_of(template: Json) -> list[str]:
    """The names of the variables in a template, in order, each once."""
    found: dict[str, None] = {}
    _walk(template, lambda text: [found.setdefault(name) for name in _VARIABLE.findall(text)])
    return list(found)


def fill(template: Json, variables: Mapping[str, Json]) -> Json:
    """The template with its variables put in: a missing one is empty, as in Mustache, and what is no text is JSON."""

    def put(match: re.Match[str]) -> str:
        value = variables.get(match[1])
        if value is None:
            return ""
        return value if isinstance(value, str) else msgspec.json.encode(value).decode()

    return _walk(template, lambda text: _VARIABLE.sub(put, text))


def _walk(value: Json, change: Callable[[str], Json], depth: int = 0) -> Json:
    if isinstance(value, str):
        return change(value)
    if depth > DEEPEST:
        return value
    if isinstance(value, list):
        return [_walk(item, change, depth + 1) for item in value]
    if isinstance(value, dict):
        return {name: _walk(item, change, depth + 1) for name, item in value.items()}
    return value

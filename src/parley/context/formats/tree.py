"""JSON, and JSON lines: keys become the path, values that are small enough stay together."""

from collections.abc import Iterator
from typing import Any

import msgspec

from parley.context.formats.block import Block, below
from parley.core.errors import BadRequest
from parley.wire.errors import JsonError
from parley.wire.json import decode

SMALL = 700
"""Bytes of JSON that stay together."""
NAMES = ("title", "name", "question", "key", "id", "reference")
"""Keys whose value names the object that holds them, the best first."""


def blocks(text: str) -> Iterator[Block]:
    """Each object that is small enough, as lines of `key: value`. Raises BadRequest where it is not JSON."""
    return _blocks((), _value(text))


def _value(text: str) -> Any:
    try:
        return decode(text)
    except JsonError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        try:
            if len(lines) > 1:
                return [decode(line) for line in lines]
        except JsonError:
            pass
        raise BadRequest(f"This is not JSON: {error}", param="content") from None


def _blocks(path: tuple[str, ...], value: Any) -> Iterator[Block]:
    """In the document's order, without recursion: depth is the file's, the stack is ours."""
    waiting: list[tuple[tuple[str, ...], Any]] = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if not isinstance(value, dict | list) or len(msgspec.json.encode(value)) <= SMALL:
            text = "\n".join(_lines("", value))
            if text.strip():
                yield Block(path, text, lines=True)
        elif isinstance(value, dict):
            waiting += [(below(path, key), inner) for key, inner in reversed(value.items())]
        else:
            named = [(below(path, name_of(inner, place)), inner) for place, inner in enumerate(value, 1)]
            waiting += reversed(named)


def name_of(value: Any, place: int) -> str:
    """What an item of a list is called: by itself if it says so, else by its place from 1."""
    if isinstance(value, dict):
        for key in NAMES:
            if isinstance(value.get(key), str | int) and str(value[key]).strip():
                return str(value[key])
    return f"[{place}]"


def _lines(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _lines(f"{key}.{name}" if key else name, inner)
    elif isinstance(value, list):
        if all(not isinstance(inner, dict | list) for inner in value):
            yield from _lines(key, ", ".join(_scalar(inner) for inner in value))
        else:
            for place, inner in enumerate(value, 1):
                yield from _lines(f"{key}[{place}]", inner)
    elif value is not None and value != "":
        yield f"{key}: {_scalar(value)}" if key else _scalar(value)


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()

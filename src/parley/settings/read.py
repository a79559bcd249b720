"""Turns TOML tables into settings structs and collects every mistake instead of stopping at the first."""

import difflib
import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from parley.settings.secrets import Secret, resolve

S = TypeVar("S", bound=msgspec.Struct)
Place = tuple[str, ...]


NOT_OF_THE_FILE = frozenset({"data", "proxies"})
"""Settings at the top that only the command line and the environment give."""


class Mistakes:
    """The mistakes found so far, each a sentence that starts with file, line and key."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.found: list[str] = []

    def add(self, place: Place, sentence: str) -> None:
        """Notes that what stands at `place` is wrong."""
        line = self._line(place)
        where = f"{self.file}:{line}" if line else self.file
        self.found.append(f"{where}: {'.'.join(place)}: {sentence}" if place else f"{where}: {sentence}")

    def _line(self, place: Place) -> int | None:
        """The line of `place`: its key below the deepest table header that leads to it."""
        table: list[str] = []
        best = None
        for number, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?", line):
                table = [part.strip("\"' ") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", header[1])]
                if tuple(table) == place[: len(table)] and len(table) <= len(place):
                    best = number
            elif key := re.match(r"\s*[\"']?([^\"'=\s.]+)[\"']?\s*[=.]", line):
                here = (*table, key[1])
                if here == place[: len(here)]:
                    return number
        return best


def read_table(kind: type[S], table: Mapping[str, Any], place: Place, mistakes: Mistakes, env: Mapping[str, str]) -> S:
    """`table` as a `kind`; what is wrong is noted and left at its default."""
    hints = get_type_hints(kind, include_extras=True)
    names = [name for name in kind.__struct_fields__ if place or name not in NOT_OF_THE_FILE]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in names:
            mistakes.add((*place, key), _unknown(key, names))
            continue
        found = _read_value(hints[key], value, (*place, key), mistakes, env)
        if found is not msgspec.UNSET:
            values[key] = found
    try:
        return kind(**values)
    except TypeError:
        required = [f.name for f in msgspec.structs.fields(kind) if f.required and f.name not in values]
        for name in required:
            if name not in table:
                mistakes.add(place, f"`{name}` is missing.")
        return kind(**values, **dict.fromkeys(required, ""))


def _read_value(hint: Any, value: Any, place: Place, mistakes: Mistakes, env: Mapping[str, str]) -> Any:
    bare = _bare(hint)
    if bare is Secret:
        return _read_secret(value, place, mistakes, env)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        if isinstance(value, Mapping):
            return read_table(bare, value, place, mistakes, env)
        mistakes.add(place, "this must be a table.")
        return msgspec.UNSET
    if get_origin(bare) is dict and isinstance(value, Mapping):
        inner = get_args(bare)[1]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct | Secret):
            read = {k: _read_value(inner, v, (*place, k), mistakes, env) for k, v in value.items()}
            return {k: v for k, v in read.items() if v is not msgspec.UNSET}
    if get_origin(bare) is Literal and value not in get_args(bare):
        mistakes.add(place, f"it must be one of {', '.join(map(repr, get_args(bare)))}, but it is {value!r}.")
        return msgspec.UNSET
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as e:
        mistakes.add(place, f"{_plain(str(e))}, but it is {value!r}.")
        return msgspec.UNSET


def _read_secret(value: Any, place: Place, mistakes: Mistakes, env: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        mistakes.add(place, "a secret is a text: env:NAME, file:PATH, or the key itself.")
        return msgspec.UNSET
    try:
        return resolve(value, env)
    except LookupError as e:
        mistakes.add(place, f"the secret can not be had: {e.args[0]}.")
        return msgspec.UNSET


def _bare(hint: Any) -> Any:
    """The type inside `Annotated[...]` and `... | None`."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        rest = [a for a in get_args(hint) if a is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else hint
    return hint


def _plain(message: str) -> str:
    """msgspec's sentence in ours: "Expected `int` >= 1" becomes "it must be an int of at least 1"."""
    message = re.sub(r" - at `[^`]*`$", "", message).replace("`", "").replace(" | null", "")
    message = message.replace("Expected ", "it must be ", 1)
    return re.sub(r", got \w+$", "", message).replace(">=", "of at least").replace("<=", "of at most")


def _unknown(key: str, names: list[str]) -> str:
    near = difflib.get_close_matches(key, names, 1)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return f"there is no such key.{guess} Allowed here: {', '.join(names)}."

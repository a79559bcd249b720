"""The page of every key of `parley.toml` and of an intent's configuration, read from their types."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from docs.generator.words import sentence
from parley.accounts.config import IntentConfig
from parley.settings.schema import Settings

NAMES: dict[Any, str] = {inspect.StrType: "text", inspect.BoolType: "true or false", inspect.AnyType: "anything"}


def settings() -> str:
    """Every key of `parley.toml`, section by section, and what an intent settles."""
    parts = ["# Settings", sentence(Settings), "An unknown key or a wrong type is an error that names the key."]
    parts += list(_sections(Settings, ""))
    parts += ["## What an application or an intent settles", sentence(IntentConfig)]
    parts += [_keys(inspect.type_info(IntentConfig))]
    return "\n\n".join(parts)


def _sections(struct: Any, path: str) -> Iterator[str]:
    info: Any = inspect.type_info(struct)
    own = _keys(info)
    if path:
        yield f"## `[{path}]`\n\n{sentence(struct)}" + (f"\n\n{own}" if own else "")
    for field in info.fields:
        inner, named = _section(field.type)
        if inner is not None:
            yield from _sections(inner, f"{path}.{field.name}".strip(".") + (".NAME" if named else ""))


def _section(kind: Any) -> tuple[Any, bool]:
    """The struct that a field opens a section for, and whether each of them has a name."""
    kind = _bare(kind)
    if isinstance(kind, inspect.DictType):
        value = _bare(kind.value_type)
        return (value.cls, True) if isinstance(value, inspect.StructType) else (None, False)
    return (kind.cls, False) if isinstance(kind, inspect.StructType) else (None, False)


def _keys(info: Any) -> str:
    lines = [
        f"| `{field.name}` | {_type(field.type)} | {_default(field)} | {_description(field.type)} |"
        for field in info.fields
        if _section(field.type)[0] is None and _public(info, field.name)
    ]
    return "\n".join(["| key | value | default | |", "|---|---|---|---|", *lines]) if lines else ""


def _public(info: Any, name: str) -> bool:
    return not (info.cls is Settings and name == "data")


def _bare(kind: Any) -> Any:
    """A type without its description and without `None`."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        kinds = [one for one in kind.types if not isinstance(_bare(one), inspect.NoneType)]
        return _bare(kinds[0]) if len(kinds) == 1 else inspect.UnionType(tuple(kinds))
    return kind


def _type(kind: Any) -> str:
    kind = _bare(kind)
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(f"`{value}`" for value in kind.values)
    if isinstance(kind, inspect.UnionType):
        return " or ".join(_type(one) for one in kind.types)
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        return ("whole number" if isinstance(kind, inspect.IntType) else "number") + _range(kind)
    if isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        return f"list of {_type(kind.item_type)}"
    if isinstance(kind, inspect.DictType):
        return "table"
    return "table" if isinstance(kind, inspect.StructType) else NAMES.get(type(kind), "text")


def _range(kind: Any) -> str:
    limits = [("from", kind.ge), ("above", kind.gt), ("to", kind.le), ("below", kind.lt)]
    return "".join(f" {word} {limit:g}" for word, limit in limits if limit is not None)


def _default(field: Any) -> str:
    if field.required:
        return "*needed*"
    value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _description(kind: Any) -> str:
    if isinstance(kind, inspect.Metadata):
        extra: dict[str, Any] = kind.extra_json_schema or {}
        return str(extra.get("description", "")).replace("|", "\\|") or _description(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next((said for one in kind.types if (said := _description(one))), "")
    return ""

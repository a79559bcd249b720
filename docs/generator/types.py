"""A type as a reader sees it: `number from 0 to 2` instead of its annotation."""

from typing import Any

import msgspec
from msgspec import inspect

NAMES: dict[Any, str] = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.AnyType: "anything",
    inspect.DictType: "table",
    inspect.StructType: "table",
}


def bare(kind: Any) -> Any:
    """A type without its description and without `None`."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        kinds = [one for one in kind.types if not isinstance(bare(one), inspect.NoneType)]
        return bare(kinds[0]) if len(kinds) == 1 else inspect.UnionType(tuple(kinds))
    return kind


def in_words(kind: Any) -> str:
    """What values a field takes."""
    kind = bare(kind)
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(f"`{value}`" for value in kind.values)
    if isinstance(kind, inspect.UnionType):
        return " or ".join(in_words(one) for one in kind.types)
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        return ("whole number" if isinstance(kind, inspect.IntType) else "number") + _range(kind)
    if isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        most = f", at most {kind.max_length}" if kind.max_length else ""
        return f"list of {in_words(kind.item_type)}{most}"
    return NAMES.get(type(kind), "text")


def default(field: Any) -> str:
    """A field's default; nothing where it has none to show."""
    if field.required:
        return "*needed*"
    value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def description(kind: Any) -> str:
    """The sentence that stands with a type."""
    if isinstance(kind, inspect.Metadata):
        extra: dict[str, Any] = kind.extra_json_schema or {}
        return str(extra.get("description", "")).replace("|", "\\|") or description(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next((said for one in kind.types if (said := description(one))), "")
    return ""


def _range(kind: Any) -> str:
    limits = [("from", kind.ge), ("above", kind.gt), ("to", kind.le), ("below", kind.lt)]
    return "".join(f" {word} {_limit(limit)}" for word, limit in limits if limit is not None)


def _limit(limit: float) -> str:
    powers = {2**31 - 1: "2^31 - 1", 2**63 - 1: "2^63 - 1", -(2**63): "-2^63"}
    return powers.get(int(limit)) or f"{limit:g}"

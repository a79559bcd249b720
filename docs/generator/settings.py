"""The page of every key of `parley.toml` and of an intent's configuration, read from their types."""

from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from docs.generator.types import bare, default, description, in_words
from docs.generator.words import sentence
from parley.accounts.config import IntentConfig
from parley.settings.schema import Settings

OPENING = """# Settings

This page lists every key of `parley.toml`.

The file is `./parley.toml` if it is there, or what `--config` or `PARLEY_CONFIG` names. Every key has a default.
An unknown key, a wrong type, a name that nothing answers to or a secret that is missing is an error with file,
line and key; `parley check` says all of them at once. What stands after `NAME` in a heading you choose yourself."""

SETTLED = """## What an application or an intent settles

What a request leaves out comes from its intent, then its application. The same keys stand under
`[applications.NAME.intents.NAME]`, under `[applications.NAME.defaults]` and in the bodies of
`/api/applications`."""


def settings() -> str:
    """Every key of `parley.toml`, section by section, and what an intent settles."""
    return "\n\n".join([OPENING, *_sections(Settings, ""), SETTLED, _keys(inspect.type_info(IntentConfig))])


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
    kind = bare(kind)
    if isinstance(kind, inspect.DictType):
        value = bare(kind.value_type)
        return (value.cls, True) if isinstance(value, inspect.StructType) else (None, False)
    return (kind.cls, False) if isinstance(kind, inspect.StructType) else (None, False)


def _keys(info: Any) -> str:
    told = info.cls is not IntentConfig
    lines = [
        f"| `{field.name}` | {in_words(field.type)} |"
        + (f" {default(field)} | {description(field.type)} |" if told else "")
        for field in info.fields
        if (not told or _section(field.type)[0] is None) and _public(info, field.name)
    ]
    head = (
        ["| key | value | default | what it does |", "|---|---|---|---|"] if told else ["| key | value |", "|---|---|"]
    )
    return "\n".join([*head, *lines]) if lines else ""


def _public(info: Any, name: str) -> bool:
    return not (info.cls is Settings and name == "data")

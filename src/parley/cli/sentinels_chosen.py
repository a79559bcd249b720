"""Finds the sentinels that a command is about in `parley.toml`, or in a JSON file with a list of them."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from parley.cli.config_file import config_path
from parley.cli.trouble import Trouble
from parley.core.errors import BadRequest
from parley.evaluation.sentinel import Sentinel, read_sentinels


class Choice(Struct, frozen=True, kw_only=True):
    """What the command line says of the sentinels; empty: not said."""

    config: Path | None = None
    application: str = ""
    intent: str = ""
    only: tuple[str, ...] = ()
    judge: str = ""


def chosen(choice: Choice) -> tuple[list[Sentinel], str]:
    """The sentinels, and the judge for those that name none. Raises Trouble."""
    file = config_path(choice.config)
    raw, judge = _from_json(file) if file.suffix == ".json" else _from_toml(file, choice)
    if choice.judge:
        raw = [{**one, "judge": choice.judge} if one.get("kind", "llm") == "llm" else one for one in raw]
    try:
        found = read_sentinels(raw)
    except BadRequest as error:
        raise Trouble(f"{file}: {error.message}") from None
    names = {sentinel.name for sentinel in found}
    for name in choice.only:
        if name not in names:
            raise Trouble(f"there is no sentinel {name!r}; there is: {', '.join(sorted(names)) or 'none'}.")
    kept = [sentinel for sentinel in found if not choice.only or sentinel.name in choice.only]
    if not kept:
        raise Trouble(f"{file} has no sentinels there; docs/guide/sentinels.md shows how to write one.")
    return kept, choice.judge or judge


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Trouble(f"{file} can not be read ({error.strerror}); --config names another file.") from None


def _from_json(file: Path) -> tuple[list[Any], str]:
    try:
        found = msgspec.json.decode(_read(file))
    except msgspec.DecodeError as error:
        raise Trouble(f"{file} is not JSON: {error}.") from None
    listed = found.get("data", found.get("sentinels")) if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise Trouble(f"{file} holds no list of sentinels.")
    return listed, ""


def _from_toml(file: Path, choice: Choice) -> tuple[list[Any], str]:
    try:
        table = tomllib.loads(_read(file).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{file} is not TOML: {error}; `parley check` helps.") from None
    applications = table.get("applications", {})
    name = choice.application or (next(iter(applications)) if len(applications) == 1 else "")
    if name not in applications:
        there = ", ".join(sorted(applications)) or "none"
        raise Trouble(f"say with --application whose sentinels: {file} has the applications {there}.")
    application = applications[name]
    intents = application.get("intents", {})
    if choice.intent and choice.intent not in intents:
        raise Trouble(f"there is no intent {choice.intent}; {name} has: {', '.join(sorted(intents)) or 'none'}.")
    wanted = [intents[choice.intent]] if choice.intent else list(intents.values())
    layers = [*wanted, application.get("defaults", {})]
    judge = next((layer[key] for key in ("judge", "model") for layer in layers if layer.get(key)), "")
    return _joined(layers, name), judge


def _joined(layers: list[dict[str, Any]], application: str) -> list[Any]:
    """All sentinels of the layers; of those with one name, the first, as long as intents agree on it."""
    found: dict[str, Any] = {}
    for layer in layers:
        for one in layer.get("sentinels", []):
            name = str(one.get("name")) if isinstance(one, dict) else str(one)
            if name in found and found[name] != one and layer is not layers[-1]:
                raise Trouble(f"the intents of {application} differ in {name!r}; choose one with --intent.")
            found.setdefault(name, one)
    return list(found.values())

"""Adds a model of the engine to `parley.toml` and leaves every other byte of it as it is."""

import json
import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from parley.cli.trouble import Trouble

BARE = re.compile(r"[A-Za-z0-9_-]+")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}")
DEMO = '[engine.models.demo]\npath = "builtin:demo"\n'


def config_path(given: Path | None) -> Path:
    """The file that `parley serve` would read."""
    return given or Path("parley.toml")


def check_name(config: Path, name: str) -> None:
    """Raises Trouble where `name` is no name for a model, or one that the file gives already."""
    if not NAME.fullmatch(name):
        raise Trouble(f"{name!r} can not be a model's name: use letters, digits and . _ : @ - and give it with --name.")
    table = _parsed(config, _read(config))
    for place in (table.get("engine", {}).get("models", {}), table.get("models", {})):
        if name in place:
            raise Trouble(f"{config} has a model {name} already; give this one another name with --name.")


def add_model(config: Path, name: str, file: Path) -> bool:
    """Writes the model at the end of the file, which is made if there is none; whether the demo model was kept by it.

    The engine's models are the built-in one where a file names none; so it is named where it would go otherwise.
    """
    check_name(config, name)
    text = _read(config)
    before = _parsed(config, text)
    keeps_demo = "models" not in before.get("engine", {}) and name != "demo"
    path = path_beside(config, file)
    section = f"[engine.models.{name if BARE.fullmatch(name) else json.dumps(name)}]\npath = {_quoted(path)}\n"
    after = "\n".join(part for part in (text and _ended(text), DEMO if keeps_demo else "", section) if part)
    _check_only_added(config, before, after, name, path, keeps_demo=keeps_demo)
    _write(config, after)
    return keeps_demo


def path_beside(config: Path, file: Path) -> str:
    """How the file is named in the configuration: from its folder where it lies below, else from the root."""
    folder, whole = config.resolve().parent, file.resolve()
    return str(whole.relative_to(folder) if whole.is_relative_to(folder) else whole)


def _read(config: Path) -> str:
    try:
        return config.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{config} can not be read: {error}.") from None


def _parsed(config: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"{config} is not TOML: {error}; mend it first, `parley check` helps.") from None


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_only_added(
    config: Path, before: dict[str, Any], after: str, name: str, path: str, *, keeps_demo: bool
) -> None:
    """Raises Trouble where the text does not say what was said before and the new model, and nothing else."""
    models = {
        **before.get("engine", {}).get("models", {}),
        **({"demo": {"path": "builtin:demo"}} if keeps_demo else {}),
    }
    wanted = {**before, "engine": {**before.get("engine", {}), "models": {**models, name: {"path": path}}}}
    try:
        said = tomllib.loads(after.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        said = {}
    if said != wanted:
        raise Trouble(
            f"{config} writes its models in a way that is not added to. Write it yourself, beside the others: "
            f"{name} = {{ path = {_quoted(path)} }}"
        )


def _write(config: Path, text: str) -> None:
    """Replaces the file at once, or not at all; what it may be read by stays."""
    whole = config.resolve()
    try:
        mode = whole.stat().st_mode & 0o777 if whole.exists() else 0o600
        with tempfile.NamedTemporaryFile(dir=whole.parent, prefix=f".{whole.name}.", delete=False) as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(mode)
        Path(file.name).replace(whole)
    except OSError as error:
        raise Trouble(f"{config} can not be written: {error.strerror}.") from None

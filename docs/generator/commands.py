"""The page of every command and option, read from the program's own command line."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from parley.cli.app import app

OPENING = """# Commands

This page lists every command of the program `parley` with its options.

`serve` and `check` read `parley.toml`; the others talk to a running gateway at `--url`, with the key that
`--key`, a variable or the data directory's `admin.key` gives. Trouble is one sentence on stderr and exit code 1;
wrong options are exit code 2."""


def commands() -> str:
    """Every command of the program with its options."""
    return "\n\n".join([OPENING, *_commands("parley", typer.main.get_command(app))])


def _commands(name: str, command: Any) -> Iterator[str]:
    inner: Mapping[str, Any] = getattr(command, "commands", {})
    for sub, one in inner.items():
        yield from _commands(f"{name} {sub}", one)
    if not inner:
        rows = [_parameter(one) for one in command.params]
        table = "\n".join(["\n\n| option | what it does | default |", "|---|---|---|", *rows]) if rows else ""
        yield f"## `{name}`\n\n{(command.help or '').strip()}{table}"


def _parameter(one: Any) -> str:
    names = ", ".join(f"`{name}`" for name in one.opts) if one.param_type_name == "option" else f"`{one.name.upper()}`"
    said = getattr(one, "help", None) or ""
    variable = f" Also `{one.envvar}`." if one.envvar else ""
    default = f"`{one.default}`" if _worth_showing(one.default) else ""
    return f"| {names} | {said}{variable} | {default} |"


def _worth_showing(default: object) -> bool:
    return isinstance(default, str | int | float) and default not in ("", False)

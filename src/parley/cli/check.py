"""`parley check`: says every mistake in a configuration, with its place."""

import os
from collections.abc import Sized
from pathlib import Path

import typer

from parley.cli.options import Config


def check(config: Config = None) -> None:
    """Validate a configuration; exit code 1 where it has mistakes."""
    from parley.accounts.file_configs import mistakes, said_by
    from parley.settings import SettingsError, load

    try:
        settings = load(config, os.environ)
        wrong = mistakes(said_by(settings.applications))
    except SettingsError as e:
        wrong = e.mistakes
    for mistake in wrong:
        typer.echo(mistake)
    if wrong:
        typer.echo(f"{_count(wrong, 'mistake')}.", err=True)
        raise typer.Exit(1)
    counts = (
        _count(settings.providers, "provider"),
        _count(settings.models, "model"),
        _count(settings.engine.models, "model") + " of the engine",
        _count(settings.applications, "application"),
    )
    file = config or Path("parley.toml")
    fine = f"{file} is fine" if file.exists() else f"There is no {file}, which is fine"
    typer.echo(f"{fine}: {', '.join(counts)}.")


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"

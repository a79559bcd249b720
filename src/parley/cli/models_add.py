"""What `parley models add` does: checks the file, then writes it into the configuration."""

from pathlib import Path

import typer

from parley.cli.config_file import add_model, check_name, config_path
from parley.cli.gguf_facts import Facts, examine, name_of


def add_file(file: Path, name: str, config: Path | None) -> None:
    """Add `file` under `name`, else under its own. Raises Trouble."""
    target = config_path(config)
    chosen = name or name_of(file)
    check_name(target, chosen)
    write_down(target, chosen, file, examine(file))


def write_down(config: Path, name: str, file: Path, facts: Facts) -> None:
    """Write the model into the configuration and say so. Raises Trouble."""
    kept = add_model(config, name, file)
    more = " The built-in `demo` was named too, for it would have gone otherwise." if kept else ""
    typer.echo(f"{name} is in {config}: {facts.sentence()}.{more}")
    typer.echo("`parley serve` has it from its next start.", err=True)

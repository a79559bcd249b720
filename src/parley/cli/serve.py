"""`parley serve`: starts the gateway."""

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.options import Config


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    data: Annotated[Path | None, typer.Option(envvar="PARLEY_DATA", help="Where Parley keeps its data.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that answer.")] = 1,
) -> None:
    """Start the gateway."""
    from parley.process.run import run

    raise typer.Exit(run(config=config, host=host, port=port, data=data, workers=workers))

"""The options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

Url = Annotated[str, typer.Option("--url", envvar="PARLEY_URL", help="Where the gateway is.")]
Secret = Annotated[
    str, typer.Option("--key", help="The key; else PARLEY_ADMIN_KEY, PARLEY_KEY or admin.key in the data directory.")
]
Data = Annotated[Path, typer.Option("--data", envvar="PARLEY_DATA", help="The gateway's data directory.")]
Config = Annotated[
    Path | None,
    typer.Option("--config", envvar="PARLEY_CONFIG", help="The configuration; default: ./parley.toml if it is there."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Since = Annotated[str, typer.Option("--since", help="2026-08-20, 2026-08-20T10:00:00Z, or 24h (ago).")]
Until = Annotated[str, typer.Option("--until", help="The same; requests of this moment and later do not count.")]

URL = "http://127.0.0.1:8700"
DATA = Path("parley-data")

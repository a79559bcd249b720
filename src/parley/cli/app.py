"""Joins the commands to the one program `parley`."""

import sys

import typer

from parley.cli.chat import chat
from parley.cli.check import check
from parley.cli.export import export
from parley.cli.keys import keys
from parley.cli.models import models
from parley.cli.receipts import receipts
from parley.cli.sentinels import sentinels
from parley.cli.serve import serve
from parley.cli.trouble import Trouble
from parley.cli.usage import usage

app = typer.Typer(
    name="parley",
    help="A self-hosted chat-completions gateway: routed, remembered, judged, and never lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (serve, check, chat, usage, export):
    app.command()(command)
app.add_typer(keys)
app.add_typer(models)
app.add_typer(sentinels)
app.add_typer(receipts)


def main() -> None:
    """Runs the command line; trouble is one sentence on stderr and exit code 1."""
    try:
        app()
    except Trouble as e:
        sys.stderr.write(f"parley: {e}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)

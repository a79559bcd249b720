"""`parley sentinels`: what sentinels are worth, before they are turned on."""

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.options import DATA, URL, Config, Data, Json, Secret, Url

sentinels = typer.Typer(
    name="sentinels", help="Try sentinels on answers that you labelled.", no_args_is_help=True, rich_markup_mode=None
)


@sentinels.callback()
def group() -> None:
    """Try sentinels on answers that you labelled."""


@sentinels.command("test")
def test(
    file: Annotated[Path, typer.Argument(help="JSON lines: answer, status (PASS, FAULT, NA), and what was asked.")],
    config: Config = None,
    application: Annotated[str, typer.Option(help="Whose sentinels; default: the only one of the file.")] = "",
    intent: Annotated[str, typer.Option(help="Only those that hold for this intent; default: all.")] = "",
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this sentinel; may be repeated.")] = None,
    model: Annotated[str, typer.Option(help="The judge, instead of the one that is configured.")] = "",
    show: Annotated[int, typer.Option(min=0, help="How many verdicts that differ from their label are shown.")] = 10,
    json: Json = False,
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """Run the sentinels of parley.toml on labelled answers; print precision, recall and cost of each.

    Kinds that need no model run here; those of the kind llm ask the running gateway.
    """
    from parley.cli.sentinels_test import Choice, run_test

    choice = Choice(config=config, application=application, intent=intent, only=tuple(only or ()), judge=model)
    run_test(file, choice, show=show, as_json=json, url=url, key=key, data=data)

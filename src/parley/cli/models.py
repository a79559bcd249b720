"""`parley models`: what the gateway can reach, and new files for the engine."""

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.options import DATA, URL, Config, Data, Json, Secret, Url

models = typer.Typer(
    name="models",
    help="List the models; add files to the engine's, or fetch them from a hub.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Option("--name", help="The name that clients use; default: from the file's.")]


@models.callback()
def listed(context: typer.Context, json: Json = False, url: Url = URL, key: Secret = "", data: Data = DATA) -> None:
    """List the models that the gateway can reach, or do what the command says."""
    if context.invoked_subcommand is None:
        list_models(json, url, key, data)


@models.command("list")
def list_models(json: Json = False, url: Url = URL, key: Secret = "", data: Data = DATA) -> None:
    """List the models that the gateway can reach; those of the engine with size, context, memory and state."""
    from parley.cli.call import call_once
    from parley.cli.model_table import show
    from parley.cli.tables import print_json

    found = call_once(url, key, data, "GET", "/api/models")["data"]
    if json:
        print_json(found)
    elif not found:
        typer.echo("There are no models yet; add a provider to parley.toml, or a file with `parley models add`.")
    else:
        show(found)


@models.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A GGUF file; of a split one the first part.")],
    name: Name = "",
    config: Config = None,
) -> None:
    """Add a GGUF file to the models of the engine in parley.toml; what stands there stays as it is."""
    from parley.cli.models_add import add_file

    add_file(file, name, config)


@models.command("pull")
def pull(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="organisation/model, or organisation/model:Q4_K_M.")],
    as_name: Name = "",
    config: Config = None,
    data: Data = DATA,
    endpoint: Annotated[
        str, typer.Option("--endpoint", envvar="HF_ENDPOINT", help="The hub.")
    ] = "https://huggingface.co",
) -> None:
    """Fetch a GGUF file from a hub into <data>/models and add it. HF_TOKEN is sent to the hub, if set."""
    from parley.cli.models_pull import pull_model

    pull_model(name, as_name, config, data, endpoint)

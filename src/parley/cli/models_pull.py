"""What `parley models pull` does: finds the model on the hub, fetches it with a progress bar, adds it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from parley.cli.config_file import check_name, config_path
from parley.cli.gguf_facts import examine, name_of
from parley.cli.models_add import write_down
from parley.cli.trouble import Trouble
from parley.hub import Hub, HubError, Variant, choose, fetch, read_name, variants
from parley.wire.http import HttpClient, HttpError, Proxies

FOLDER = "models"


def pull_model(text: str, name: str, config: Path | None, data: Path, endpoint: str) -> None:
    """Fetch what `text` names and add it under `name`, else under its file's. Raises Trouble."""
    target = config_path(config)
    if name:
        check_name(target, name)
    try:
        first = asyncio.run(_pull(text, name, target, data, endpoint))
    except HubError as error:
        raise Trouble(str(error)) from None
    except HttpError as error:
        raise Trouble(f"{endpoint} can not be asked: {error.message}") from None
    except KeyboardInterrupt:
        raise Trouble("stopped; the same command goes on from here.") from None
    write_down(target, name or name_of(first), first, examine(first))


async def _pull(text: str, name: str, config: Path, data: Path, endpoint: str) -> Path:
    """The first file of the model, once all are here."""
    wanted = read_name(text)
    async with HttpClient(proxies=Proxies.from_environment(os.environ)) as client:
        hub = Hub(client, endpoint, os.environ.get("HF_TOKEN", "").strip() or None)
        chosen = choose(wanted.repo, variants(await hub.files(wanted.repo)), wanted.pick)
        folder = data / FOLDER / wanted.repo.replace("/", "--")
        if not name:
            check_name(config, name_of(folder / chosen.files[0].name))
        await _fetch_all(hub, wanted.repo, chosen, folder)
    return folder / chosen.files[0].name


async def _fetch_all(hub: Hub, repo: str, chosen: Variant, folder: Path) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for file in chosen.files:
            task = progress.add_task(file.name, total=file.size)
            await fetch(hub, repo, file, folder / file.name, _teller(progress, task))


def _teller(progress: Progress, task: TaskID) -> Callable[[int], None]:
    def told(done: int) -> None:
        progress.update(task, completed=done)

    return told

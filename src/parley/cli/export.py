"""`parley export`: writes the ledger's records to a file or to the terminal."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from parley.cli.options import DATA, URL, Data, Secret, Since, Until, Url
from parley.cli.trouble import Trouble


def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; default: standard output.")] = None,
    since: Since = "",
    until: Until = "",
    format: Annotated[str, typer.Option(help="jsonl or csv.")] = "jsonl",
    url: Url = URL,
    key: Secret = "",
    data: Data = DATA,
) -> None:
    """Export the requests, oldest first."""
    from parley.cli.gateway import FOR_OPERATORS, Gateway, key_for

    async def copy(out: BinaryIO) -> None:
        query = {"since": since, "until": until, "format": format}
        async with Gateway(url, key_for(key, data, FOR_OPERATORS)) as gateway:
            async for piece in gateway.stream("GET", "/api/export", query=query):
                out.write(piece)
        out.flush()

    if file is None:
        asyncio.run(copy(sys.stdout.buffer))
        return
    draft = file.with_name(file.name + ".part")
    try:
        draft.touch(mode=0o600)
        with draft.open("wb") as out:
            asyncio.run(copy(out))
        draft.replace(file)
    except OSError as e:
        raise Trouble(f"{file} can not be written: {e.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)

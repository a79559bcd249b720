"""One call of the management API, for commands that need no more."""

import asyncio
from pathlib import Path
from typing import Any

from parley.cli.gateway import FOR_OPERATORS, Gateway, key_for


def call_once(url: str, key: str, data: Path, method: str, path: str, **what: Any) -> Any:
    """The answer's JSON. Raises Trouble."""

    async def one() -> Any:
        async with Gateway(url, key_for(key, data, FOR_OPERATORS)) as gateway:
            return await gateway.call(method, path, **what)

    return asyncio.run(one())

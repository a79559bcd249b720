"""What there is to know of the engine's models: from their settings, their files, and the process that runs them.

Read over the engine's socket, so that each worker of a gateway can tell it, not only the process that started it.
"""

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from parley.engine.gguf_file import BrokenFile, GgufFile, read
from parley.engine.settings import EngineSettings, ModelSettings
from parley.engine.supervisor import ModelHealth
from parley.wire.http import HttpClient, HttpError, HttpRequest, Timeouts, Url

TIMEOUTS = Timeouts(connect=2, first_byte=2, idle=2, total=2)
LARGEST = 4 << 20
FLOAT16 = 2  # bytes of a number in the cache of keys and values
AWAY = ModelHealth(state="unknown", reason="The engine's process does not answer.")


class _Told(Struct, frozen=True):
    models: dict[str, ModelHealth]


_TOLD = msgspec.json.Decoder(_Told)


class EngineReport:
    """The models of one engine."""

    def __init__(self, settings: EngineSettings, address: str, client: HttpClient) -> None:
        """`address` is the engine's socket, as the supervisor gives it."""
        self._settings = settings
        self._request = HttpRequest("GET", Url.parse(address), "/health")
        self._client = client

    async def models(self) -> dict[str, dict[str, Any]]:
        """By name: `state`, `reason`, `context` (per conversation), `slots`, `adapters`, `embeds`, `size`, `memory`.

        `embeds`: it turns texts into vectors, and does nothing else. `size` is the file's bytes;
        `memory`, once it is loaded, those of its weights and of the cache of its slots.
        Waits two seconds at most for the process.
        """
        told = await self._ask()
        return {
            name: await asyncio.to_thread(described, model, told.get(name, AWAY))
            for name, model in self._settings.models.items()
        }

    async def _ask(self) -> dict[str, ModelHealth]:
        try:
            async with await self._client.send(self._request, TIMEOUTS) as response:
                return _TOLD.decode(await response.read(LARGEST)).models
        except (HttpError, msgspec.DecodeError):
            return {}


def described(settings: ModelSettings, health: ModelHealth) -> dict[str, Any]:
    """One model; reads its file's head, once for each version of the file."""
    file = head_of(settings.file)
    loaded = health.state == "loaded" and file is not None
    return {
        "state": health.state,
        "reason": health.reason,
        "context": health.context or settings.context,
        "slots": health.slots or settings.slots,
        "adapters": sorted(settings.adapters),
        "embeds": file is not None and file.fact("pooling_type") is not None,
        "size": file.size if file is not None else None,
        "memory": file.size + cache_size(file, health) if file is not None and loaded else None,
    }


def head_of(path: Path) -> GgufFile | None:
    """The head of the file at `path`; None where it can not be read, for which the engine has the reason."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, BrokenFile):
        return None


@lru_cache(maxsize=256)
def _read(path: Path, _: int) -> GgufFile:
    return read(path)


def cache_size(file: GgufFile, health: ModelHealth) -> int:
    """Bytes of the keys and values of all slots, each full; an encoder keeps none."""
    if file.fact("pooling_type") is not None:
        return 0
    layers, width = int(file.fact("block_count", 0)), int(file.fact("embedding_length", 0))
    heads = file.fact("attention.head_count", 1)
    kept = file.fact("attention.head_count_kv", heads)
    most = max(heads) if isinstance(heads, list) else int(heads)
    total = sum(kept) if isinstance(kept, list) else layers * int(kept)  # some models differ by layer
    keys = int(file.fact("attention.key_length", width // max(1, most)))
    values = int(file.fact("attention.value_length", keys))
    return total * (keys + values) * FLOAT16 * (health.context or 0) * (health.slots or 0)

"""A real engine with small models for all tests of this folder, in a thread of its own, and a client on its socket."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import gguf
import httpx2
import pytest

from parley.engine import Engine, EngineSettings, ModelSettings
from tests.engine import ggufs

CHAT = "/v1/chat/completions"
SOON = 30.0  # seconds; nothing here takes longer


class Furnace:
    """An engine that runs in a thread, so that every test with its own event loop can use it."""

    def __init__(self, settings: EngineSettings) -> None:
        self.engine = Engine(settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="furnace")

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the engine's own loop."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(SOON)

    def open(self) -> None:
        """Start the thread and the engine."""
        self._thread.start()
        self.do(self.engine.start())

    def close(self) -> None:
        """Stop the engine, then the thread."""
        self.do(self.engine.stop(1.0))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small models: tiny.gguf, its adapters a.gguf and b.gguf, broad.gguf (slow to read), encoder.gguf."""
    folder = tmp_path_factory.mktemp("models")
    ggufs.write_llama(folder / "tiny.gguf")
    ggufs.write_adapter(folder / "a.gguf", seed=1)
    ggufs.write_adapter(folder / "b.gguf", seed=2)
    broad = ggufs.Sizes(width=512, layers=8, heads=8, kv_heads=4, hidden=1280, context=4096)
    ggufs.write_llama(folder / "broad.gguf", broad, half=True)
    ggufs.write_encoder(folder / "encoder.gguf")
    ggufs.write_llama(folder / "wild.gguf", ggufs.Sizes(wild=True))
    for kind in (gguf.TokenType.USER_DEFINED, gguf.TokenType.CONTROL):
        ggufs.write_llama(folder / f"{kind.name}.gguf", ggufs.Sizes(wild=True, tags=kind))
    return folder


@pytest.fixture(scope="session")
def settings(made: Path) -> EngineSettings:
    """What the shared engine is told."""
    adapters = {"a": str(made / "a.gguf"), "b": str(made / "b.gguf")}
    return EngineSettings(
        models={
            "tiny": ModelSettings(path=str(made / "tiny.gguf"), adapters=adapters, slots=4),
            "single": ModelSettings(path=str(made / "tiny.gguf"), slots=1, load="use"),
            "broad": ModelSettings(path=str(made / "broad.gguf"), slots=2, load="use"),
            "wild": ModelSettings(path=str(made / "wild.gguf"), slots=2, load="use"),
            "tagged": ModelSettings(path=str(made / "USER_DEFINED.gguf"), slots=2, load="use"),
            "marked": ModelSettings(path=str(made / "CONTROL.gguf"), slots=2, load="use"),
            "encoder": ModelSettings(path=str(made / "encoder.gguf"), load="use"),
            "demo": ModelSettings(path="builtin:demo", load="use"),
            "missing": ModelSettings(path=str(made / "missing.gguf"), load="use"),
        },
        waiting=3,
        patience=2.0,
    )


@pytest.fixture(scope="session")
def furnace(settings: EngineSettings) -> Iterator[Furnace]:
    """The shared engine, running."""
    furnace = Furnace(settings)
    furnace.open()
    yield furnace
    furnace.close()


def client_of(address: str) -> httpx2.AsyncClient:
    """A client on an engine's socket."""
    transport = httpx2.AsyncHTTPTransport(uds=address.removeprefix("unix:"))
    return httpx2.AsyncClient(transport=transport, base_url="http://engine", timeout=SOON)


@pytest.fixture
async def client(furnace: Furnace) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the shared engine."""
    async with client_of(furnace.engine.address) as client:
        yield client


def asking(text: str, **fields: Any) -> dict[str, Any]:
    """A greedy chat body for the tiny model, 16 tokens long unless `fields` say otherwise."""
    messages = [{"role": "user", "content": text}]
    return {"model": "tiny", "messages": messages, "temperature": 0, "max_tokens": 16, **fields}


async def ask(client: httpx2.AsyncClient, text: str, **fields: Any) -> dict[str, Any]:
    """The whole answer to a chat that must succeed."""
    answer = await client.post(CHAT, json=asking(text, **fields))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def said(client: httpx2.AsyncClient, text: str, **fields: Any) -> str:
    """The text of the first choice."""
    return str((await ask(client, text, **fields))["choices"][0]["message"]["content"])


async def events(client: httpx2.AsyncClient, text: str, **fields: Any) -> list[Any]:
    """The events of a streamed chat, decoded; the last is the string `[DONE]`."""
    found: list[Any] = []
    async with client.stream("POST", CHAT, json=asking(text, stream=True, **fields)) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                data = line.removeprefix("data: ")
                found.append(data if data == "[DONE]" else json.loads(data))
    return found


async def refused(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and error of a request that must fail."""
    answer = await client.post(path, json=body)
    return answer.status_code, answer.json()["error"]

"""Models: loaded, unloaded, broken, and what a broken one does to the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from parley.engine import Engine, EngineSettings, ModelSettings
from parley.engine.supervisor import ModelHealth
from tests.engine import ggufs
from tests.engine.conftest import CHAT, SOON, asking, client_of, refused, said


@asynccontextmanager
async def running(**models: ModelSettings) -> AsyncIterator[tuple[Engine, httpx2.AsyncClient]]:
    """An engine with these models, and its client."""
    engine = Engine(EngineSettings(models=models))
    await engine.start()
    try:
        async with client_of(engine.address) as client:
            yield engine, client
    finally:
        await engine.stop(1.0)


async def until(engine: Engine, name: str, state: str) -> ModelHealth:
    """Wait until a model is in a state."""
    async with asyncio.timeout(SOON):
        while (health := engine.health().models.get(name)) is None or health.state != state:
            await asyncio.sleep(0.01)
    return health


def cut(path: Path, at: int) -> Path:
    """A copy of a file that ends after so many bytes."""
    short = path.with_name(f"cut-{at}.gguf")
    short.write_bytes(path.read_bytes()[:at])
    return short


async def test_the_models_are_listed_loaded_or_not(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/models")
    assert {row["id"] for row in answer.json()["data"]} >= {"tiny", "encoder", "missing"}


async def test_health_says_how_each_model_is(client: httpx2.AsyncClient) -> None:
    assert await said(client, "hello")
    models = (await client.get("/health")).json()["models"]
    assert models["tiny"] == {"state": "loaded", "reason": None, "context": 2048, "slots": 4}


async def test_a_missing_file_is_one_sentence(client: httpx2.AsyncClient) -> None:
    status, error = await refused(client, CHAT, asking("hello", model="missing"))
    assert (status, error["code"]) == (500, "model_unavailable")
    assert "There is no file" in error["message"] and "missing.gguf" in error["message"]


@pytest.mark.parametrize(("at", "reason"), [(0, "empty"), (3, "not a GGUF"), (5000, "not copied"), (90_000, "weights")])
async def test_a_cut_file_is_one_sentence_and_others_work(made: Path, at: int, reason: str) -> None:
    models = {"cut": ModelSettings(path=str(cut(made / "tiny.gguf", at)))}
    async with running(**models, tiny=ModelSettings(path=str(made / "tiny.gguf"))) as (_, client):
        status, error = await refused(client, CHAT, asking("hello", model="cut"))
        assert status == 500 and reason in error["message"]
        assert await said(client, "hello")


async def test_a_file_that_crashes_llama_cpp_is_given_up_and_others_work(made: Path, tmp_path: Path) -> None:
    bad = ModelSettings(path=str(ggufs.write_encoder(tmp_path / "bad.gguf", whole=False)))
    async with running(bad=bad, tiny=ModelSettings(path=str(made / "tiny.gguf"))) as (engine, client):
        async with asyncio.timeout(SOON):
            while engine.health().restarts == 0:
                await asyncio.sleep(0.01)
        assert await said(client, "hello")
        status, error = await refused(client, CHAT, asking("hello", model="bad"))
        assert status == 500 and "crashed" in error["message"]
        assert engine.health().restarts == 1


async def test_an_idle_model_is_unloaded_and_loaded_again_when_asked(made: Path) -> None:
    async with running(tiny=ModelSettings(path=str(made / "tiny.gguf"), idle=0.1)) as (engine, client):
        first = await said(client, "hello")
        await until(engine, "tiny", "unloaded")
        assert await said(client, "hello") == first


async def test_context_and_slots_are_as_set(made: Path) -> None:
    async with running(tiny=ModelSettings(path=str(made / "tiny.gguf"), context=128, slots=3)) as (engine, client):
        status, error = await refused(client, CHAT, asking("a " * 200))
        assert status == 400 and "127" in error["message"]
        health = await until(engine, "tiny", "loaded")
        assert (health.context, health.slots) == (128, 3)


async def test_an_adapter_for_another_model_is_one_sentence(made: Path, tmp_path: Path) -> None:
    wide = ggufs.write_adapter(tmp_path / "wide.gguf", ggufs.Sizes(width=128))
    other = ggufs.write_adapter(tmp_path / "other.gguf", architecture="qwen2")
    for path, reason in ((wide, "does not fit"), (other, "made for qwen2"), (made / "tiny.gguf", "not a LoRA")):
        model = ModelSettings(path=str(made / "tiny.gguf"), adapters={"x": str(path)})
        async with running(tiny=model) as (_, client):
            status, error = await refused(client, CHAT, asking("hello", peft="x"))
            assert status == 500 and reason in error["message"]

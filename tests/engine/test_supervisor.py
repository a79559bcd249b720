"""The engine's process: started at once, restarted when it dies, ended with its parent, closed to everyone else."""

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import psutil
import pytest

from parley.engine import Engine, EngineSettings, ModelSettings
from parley.engine.supervisor import Backoff
from tests.engine.conftest import CHAT, SOON, asking, client_of, said


@pytest.fixture
async def engine(made: Path) -> AsyncIterator[Engine]:
    """An engine of one test's own, with one model."""
    engine = Engine(EngineSettings(models={"tiny": ModelSettings(path=str(made / "tiny.gguf"))}))
    await engine.start()
    yield engine
    await engine.stop(1.0)


async def until_loaded(engine: Engine, name: str = "tiny") -> None:
    """Wait until a model is loaded."""
    async with asyncio.timeout(SOON):
        while (found := engine.health().models.get(name)) is None or found.state != "loaded":
            await asyncio.sleep(0.01)


async def test_start_does_not_wait_and_a_call_made_meanwhile_is_answered(made: Path) -> None:
    engine = Engine(EngineSettings(models={"tiny": ModelSettings(path=str(made / "tiny.gguf"))}))
    began = time.monotonic()
    await engine.start()
    assert time.monotonic() - began < 0.5
    assert engine.health().state == "starting"
    async with client_of(engine.address) as client:
        assert await said(client, "hello")
    assert engine.health().state == "ready"
    await engine.stop(1.0)
    assert engine.health().state == "stopped" and engine.health().pid is None


async def test_the_socket_is_in_a_private_directory_that_goes_away(made: Path) -> None:
    engine = Engine(EngineSettings())
    await engine.start()
    home = Path(engine.address.removeprefix("unix:")).parent
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    await engine.stop(1.0)
    assert not home.exists()


async def test_no_tcp_port_and_no_other_socket_is_open(engine: Engine) -> None:
    await until_loaded(engine)
    pid = engine.health().pid
    assert pid is not None
    assert psutil.Process(pid).net_connections("inet") == []
    paths = [connection.laddr for connection in psutil.Process(pid).net_connections("unix") if connection.laddr]
    assert {path for path in paths if Path(path).exists()} <= {engine.address.removeprefix("unix:")}


async def test_killed_in_a_stream_it_ends_that_stream_and_serves_the_next_call(engine: Engine) -> None:
    async with client_of(engine.address) as client:
        body = asking("hello", stream=True, max_tokens=2000, ignore_eos=True)
        with pytest.raises(httpx2.RemoteProtocolError):
            async with client.stream("POST", CHAT, json=body) as answer:
                async for line in answer.aiter_lines():
                    assert "[DONE]" not in line
                    pid = engine.health().pid
                    assert pid is not None
                    os.kill(pid, signal.SIGKILL)
        assert await said(client, "hello")
    health = engine.health()
    assert health.state == "ready" and health.restarts == 1 and health.pid != pid


async def test_killed_again_and_again_it_leaves_no_descriptors_and_no_memory_behind(engine: Engine) -> None:
    await until_loaded(engine)
    before, memory = psutil.Process().num_fds(), psutil.Process().memory_info().rss
    async with client_of(engine.address) as client:
        for restart in range(4):
            os.kill(engine.health().pid or 0, signal.SIGKILL)
            async with asyncio.timeout(SOON):
                while engine.health().restarts == restart:
                    await asyncio.sleep(0.01)
            assert await said(client, "hello")
    assert psutil.Process().num_fds() <= before
    assert psutil.Process().memory_info().rss - memory < 16_000_000
    assert len([child for child in psutil.Process().children() if child.pid == engine.health().pid]) == 1


async def test_sigterm_lets_a_running_stream_finish(made: Path) -> None:
    engine = Engine(EngineSettings(models={"tiny": ModelSettings(path=str(made / "tiny.gguf"))}))
    await engine.start()
    body = asking("hello", stream=True, max_tokens=400, ignore_eos=True)
    async with client_of(engine.address) as client, client.stream("POST", CHAT, json=body) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        stopping = asyncio.create_task(engine.stop(10.0))
        rest = [line async for line in lines if line]
    await stopping
    assert rest[-1] == "data: [DONE]"


PARENT = """
import asyncio, json, sys
from parley.engine import Engine, EngineSettings, ModelSettings

async def main():
    engine = Engine(EngineSettings(models={"tiny": ModelSettings(path=sys.argv[1])}))
    await engine.start()
    while not engine.health().models:
        await asyncio.sleep(0.01)
    print(json.dumps([engine.health().pid, "xllamacpp" in sys.modules]), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_parent_that_is_killed_takes_the_engine_along_and_never_loads_llama_cpp(made: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(made / "tiny.gguf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid, loaded = json.loads(parent.stdout.readline())
        assert not loaded
        parent.kill()
    deadline = time.monotonic() + SOON
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_first_restart_is_immediate_and_later_ones_wait_longer_while_it_dies_young() -> None:
    backoff = Backoff()
    assert [backoff.after(0.1) for _ in range(8)] == [0, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10]
    assert [backoff.after(60), backoff.after(1)] == [0, 0.2]


def test_it_is_not_started_by_hand() -> None:
    command = [sys.executable, "-m", "parley.engine"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SOON, check=False)
    assert ended.returncode == 1
    assert "parley serve" in ended.stderr


async def test_an_engine_that_can_not_start_is_given_up_and_refuses_at_once() -> None:
    engine = Engine(EngineSettings(), python=str(shutil.which("false")))
    await engine.start()
    async with asyncio.timeout(SOON):
        while engine.health().state != "failed":
            await asyncio.sleep(0.05)
    async with client_of(engine.address) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("/v1/models")
    await engine.stop(1.0)

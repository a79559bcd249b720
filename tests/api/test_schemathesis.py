"""schemathesis against a running gateway's `/openapi.json`: no fault, no answer that is not described."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.asking import ask, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM, WHOLE, Stage
from tests.scripted import Visit, json_answer

ROOT = Path(__file__).parents[2]
COMMAND = (str(Path(sys.executable).with_name("schemathesis")), "--no-color")
VECTOR = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
VECTORS = json_answer({"object": "list", "model": "up", "data": [VECTOR], "usage": {"prompt_tokens": 1}})


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Where the upstream plays."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running gateway."""
    with Gateway(tmp_path_factory.mktemp("gateway"), config(stage)) as made:
        yield made


async def upstream(visit: Visit) -> None:
    """Answers whatever is asked."""
    while True:
        asked = await visit.request()
        said = STREAM if asked.json.get("stream") else WHOLE
        await visit.send(VECTORS if asked.target.endswith("/embeddings") else said)


@pytest.mark.parametrize(
    ("who", "phases", "examples"),
    [("admin", "coverage,fuzzing", 2), ("inference", "fuzzing", 2), ("nobody", "fuzzing", 1)],
)
async def test_nothing_fails_and_every_answer_is_described(
    gateway: Gateway, stage: Stage, tmp_path: Path, who: str, phases: str, examples: int
) -> None:
    key = gateway.key
    async with stage.plays(upstream):
        await ask(gateway, {"name": "Hello", "slug": "hello", "string": "Hello {{who}}.", "model": "m"}, "/v1/prompts")
        if who == "inference":
            key = (await ask(gateway, {"name": "fuzzed", "scopes": ["inference"]}, "/api/keys")).json["key"]
        options = ["--phases", phases, "--max-examples", str(examples), "--seed", "20261121"]
        if who != "nobody":
            options += ["--header", f"Authorization: Bearer {key}"]
        code, told = await run(f"{gateway.origin}/openapi.json", options, tmp_path)
    assert code == 0, told
    assert "Traceback" not in gateway.stderr


@pytest.mark.parametrize("query", ["session_id=%00", "application=%00", "limit=%C2%B2", "offset=99999999999999999999"])
async def test_a_filter_that_no_store_takes_is_refused(gateway: Gateway, query: str) -> None:
    assert (await get(gateway, f"/api/v1/requests?{query}")).status == 400


async def run(address: str, options: list[str], folder: Path) -> tuple[int, str]:
    """What schemathesis says of the API that is described at `address`, and its exit code."""
    settings: dict[str, Any] = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "--config-file",
        str(Path(__file__).with_name("schemathesis.toml")),
        "run",
        address,
        *options,
        cwd=folder,
        env=settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode()

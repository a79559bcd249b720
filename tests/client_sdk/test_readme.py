"""The examples of the SDK's README run as they stand there, each as a program of its own."""

import asyncio
import os
import re
import sys

import pytest

from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, both
from tests.house.tree import ROOT

EXAMPLES = re.findall(r"^```python\n(.*?)^```$", (ROOT / "client" / "README.md").read_text(), re.MULTILINE | re.DOTALL)
PATIENCE = 30.0


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_an_example_runs(
    number: int, gateway: Gateway, stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    environment = {
        **os.environ,
        "PARLEY_BASE_URL": gateway.url,
        "PARLEY_API_KEY": gateway.key,
        "OPENAI_BASE_URL": stage.url,
        "OPENAI_API_KEY": "sk-own",
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")),
    }
    async with stage.plays(both), asyncio.timeout(PATIENCE):
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            EXAMPLES[number],
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await program.communicate()
    assert program.returncode == 0, complained.decode()
    assert not complained, complained.decode()
    assert said or "heard" in EXAMPLES[number]

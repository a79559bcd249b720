"""Programs that end with callbacks still out: these are told first, for a while, and nothing hangs."""

import asyncio
import os
import sys

from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage

BEGIN = """
import time
from parley_client import Parley
client = Parley(grace={grace})
ask = dict(messages=[{{"role": "user", "content": "Hello?"}}], application="support", intent="REFUND")
"""
PATIENCE = 30.0


async def run(program: str, gateway: Gateway, stage: Stage) -> tuple[str, str]:
    """What a program prints on both its outputs; it must end well, and soon."""
    environment = {**os.environ, "PARLEY_BASE_URL": gateway.url, "PARLEY_API_KEY": gateway.key}
    pipe = asyncio.subprocess.PIPE
    async with stage.says(WHOLE), asyncio.timeout(PATIENCE):
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, env=environment, stdout=pipe, stderr=pipe
        )
        said, complained = await running.communicate()
    assert running.returncode == 0, complained.decode()
    return said.decode(), complained.decode()


async def test_a_program_that_ends_without_closing_still_hears(gateway: Gateway, stage: Stage) -> None:
    told = "client.chat.completions.create(**ask, callback=lambda e: print(e.status, flush=True))\n"
    assert await run(BEGIN.format(grace=10) + told, gateway, stage) == ("PASS\n", "")


async def test_a_callback_that_never_returns_does_not_keep_a_program_from_ending(
    gateway: Gateway, stage: Stage
) -> None:
    stuck = "client.chat.completions.create(**ask, callback=lambda e: time.sleep(3600))\ntime.sleep(0.5)\n"
    assert await run(BEGIN.format(grace=0.2) + stuck, gateway, stage) == ("", "")


async def test_a_forked_child_has_callbacks_of_its_own(gateway: Gateway, stage: Stage) -> None:
    forked = """
import os, threading
def ask_and_hear(who):
    heard = threading.Event()
    client.chat.completions.create(**ask, callback=lambda e: (print(who, e.status, flush=True), heard.set()))
    assert heard.wait(20)
ask_and_hear("parent")
child = os.fork()
if child == 0:
    client = Parley()
    ask_and_hear("child")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    assert (await run(BEGIN.format(grace=5) + forked, gateway, stage))[0] == "parent PASS\nchild PASS\n"


async def test_an_asynchronous_program_that_ends_without_closing_tells_that_it_does_not_know(
    gateway: Gateway, stage: Stage
) -> None:
    program = """
import asyncio
from parley_client import AsyncParley
async def main():
    client = AsyncParley()
    await client.chat.completions.create(
        messages=[{"role": "user", "content": "Hello?"}], application="support", intent="SLOW",
        callback=lambda e: print(e.status, e.reason, flush=True),
    )
    await asyncio.sleep(0)
asyncio.run(main())
"""
    said, _ = await run(program, gateway, stage)
    assert said.startswith(("ERROR The client was closed", "NA"))

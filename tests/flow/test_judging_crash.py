"""Judging in the background survives a kill: every request that was answered is judged, and each of them once."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.flow.asking import Line, chat, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.judges import JUDGED, Bench
from tests.flow.stage import Stage

CLIENTS = 12
SETTLES = 60.0


def query(gateway: Gateway, sql: str) -> list[Any]:
    """What the store says."""
    store = sqlite3.connect(f"file:{gateway.data / 'parley.db'}?mode=ro", uri=True, timeout=10)
    try:
        return store.execute(sql).fetchall()
    finally:
        store.close()


async def keep_asking(gateway: Gateway, answered: list[str], stream: bool) -> None:
    """Asks until nobody is there; notes what was answered to its end."""
    flags = [{}, {"apply_corrections": True}]
    while True:
        try:
            async with Line(gateway) as line:
                body = streamed if stream else chat
                await line.post(body(application="shop", intent="hasty", **flags[len(answered) % 2]))
                answer = await line.answer()
                if answer.ended and answer.status == 200 and (not stream or answer.done):
                    answered.append(answer.id)
        except (OSError, asyncio.IncompleteReadError):
            return


@pytest.mark.parametrize("kills", [1, 3])
async def test_every_answered_request_is_judged_exactly_once_whatever_was_killed(
    stage: Stage, tmp_path: Path, kills: int
) -> None:
    bench, answered = Bench(("Good day.",), judge_takes=0.3), list[str]()
    gateway = Gateway(tmp_path, config(stage, more=JUDGED))
    async with stage.plays(bench):
        with gateway:
            for _ in range(kills):
                clients = [asyncio.create_task(keep_asking(gateway, answered, n % 2 == 0)) for n in range(CLIENTS)]
                enough = len(answered) + CLIENTS
                async with asyncio.timeout(SETTLES):
                    while len(answered) <= enough:
                        await asyncio.sleep(0.05)
                gateway.kill()
                await asyncio.gather(*clients)
                await asyncio.to_thread(gateway.start)
            async with asyncio.timeout(SETTLES):
                while query(gateway, "select count(*) from jobs where kind = 'evaluation' and state = 'waiting'")[0][0]:
                    await asyncio.sleep(0.1)
            judged = {id for (id,) in query(gateway, "select request_id from evaluations where status = 'PASS'")}
            assert set(answered) <= judged
            verdicts = dict(query(gateway, "select request_id, count(*) from verdicts group by request_id"))
            assert set(verdicts) == judged and set(verdicts.values()) == {1}
            assert query(gateway, "select count(*) from jobs where state = 'failed'") == [(0,)]

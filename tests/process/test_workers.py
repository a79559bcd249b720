"""Several workers: one ledger, one set of keys, one answer of /metrics; one that dies is replaced."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.asking import Line, ask, chat, get, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, both

WORKERS = ("--workers", "2")
TRIES = 12


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of two workers."""
    with Gateway(tmp_path_factory.mktemp("workers"), config(stage), arguments=WORKERS) as made:
        yield made


async def everywhere(gateway: Gateway, key: str) -> set[int]:
    """The statuses of many requests on connections of their own: every worker takes some of them."""
    answers = await asyncio.gather(*(ask(gateway, chat(), key=key) for _ in range(TRIES * 2)))
    return {answer.status for answer in answers}


async def within_a_second(gateway: Gateway, key: str, status: int) -> None:
    """Waits until every worker answers with `status`, which must be so after a second."""
    end = time.monotonic() + 3.0
    while await everywhere(gateway, key) != {status}:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


async def test_all_workers_write_one_ledger_and_usage_adds_up(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        answers = await asyncio.gather(*(ask(gateway, chat(stream=n % 2 == 0)) for n in range(60)))
    assert {answer.status for answer in answers} == {200}
    assert {answer.id for answer in answers} <= {row["id"] for row in gateway.rows()}
    usage = (await get(gateway, "/api/usage")).json
    rows = gateway.rows()
    assert sum(row["requests"] for row in usage["data"]) == len(rows)
    assert sum(row["prompt_tokens"] for row in usage["data"]) == sum(row["prompt_tokens"] or 0 for row in rows)


async def test_metrics_are_the_sum_over_all_workers(gateway: Gateway, stage: Stage) -> None:
    async def count() -> int:
        text = (await get(gateway, "/metrics")).body.decode()
        return sum(
            int(float(n)) for n in re.findall(r'^parley_requests_total{.*outcome="answered".*} (\S+)$', text, re.M)
        )

    async with stage.plays(both):
        answered = len(gateway.rows("outcome = 'answered'"))
        await asyncio.gather(*(ask(gateway, chat()) for _ in range(40)))
    seen = [await count()]
    end = time.monotonic() + 5
    while seen[-1] != answered + 40:
        assert time.monotonic() < end, seen
        seen.append(await count())
    assert seen == sorted(seen), "a counter fell"
    assert {await count() for _ in range(TRIES)} == {answered + 40}


async def test_a_key_is_good_and_a_revoked_one_refused_in_every_worker_within_a_second(
    gateway: Gateway, stage: Stage
) -> None:
    made = (await ask(gateway, {"name": "app", "scopes": ["inference"]}, "/api/keys")).json
    async with stage.plays(both):
        await within_a_second(gateway, made["key"], 200)
        assert (await ask(gateway, None, f"/api/keys/{made['id']}", method="DELETE")).status == 200
        await within_a_second(gateway, made["key"], 401)


async def test_a_configuration_is_live_in_every_worker_within_a_second(gateway: Gateway, stage: Stage) -> None:
    body = {"application": "shop", **chat()}
    async with stage.plays(both) as upstream:
        changed = await ask(gateway, {"temperature": 0.25}, "/api/applications/shop", method="PUT")
        assert changed.status == 200, changed.body
        await asyncio.sleep(1.0)
        for _ in range(TRIES):
            await ask(gateway, body)
    assert {seen.json.get("temperature") for seen in upstream.requests} == {0.25}


def workers_of(gateway: Gateway) -> set[int]:
    """The processes that hold connections: children named so, found as an operator would find them."""
    children = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text().split()
    return {int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


async def test_a_killed_worker_is_replaced_and_nothing_answered_is_lost(gateway: Gateway, stage: Stage) -> None:
    before = workers_of(gateway)
    assert len(before) == 2
    async with stage.plays(both):
        answered = [await ask(gateway, streamed()) for _ in range(10)]
        os.kill(min(before), signal.SIGKILL)
        end = time.monotonic() + 15
        while len(now := workers_of(gateway)) < 2 or min(before) in now:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        answered += await asyncio.gather(*(ask(gateway, chat()) for _ in range(20)))
    assert {answer.status for answer in answered} == {200}
    assert {answer.id for answer in answered} <= {row["id"] for row in gateway.rows()}


async def test_workers_end_with_their_parent_even_by_force(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, config(stage), arguments=WORKERS).start()
    workers = workers_of(gateway)
    gateway.kill()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
    with gateway:
        assert (await get(gateway, "/v1/models")).status == 200


async def test_sigterm_lets_every_worker_finish(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, config(stage, server="grace = 3"), arguments=WORKERS).start()
    async with stage.plays(both), Line(gateway) as line:
        await line.post(streamed())
        answer = await line.answer()
        gateway.tell(signal.SIGTERM)
        assert await gateway.ended() == 0
    assert answer.done
    assert gateway.row(answer.id)["outcome"] == "answered"
    assert not gateway.stderr

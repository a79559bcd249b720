"""Two workers count together what an account may ask in a minute and spend in a month."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.flow.asking import ask, chat
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import USAGE, Stage, both

PER_CALL = USAGE["total_tokens"]


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of two workers."""
    with Gateway(tmp_path_factory.mktemp("limits"), config(stage), arguments=("--workers", "2")) as made:
        yield made


async def answered(gateway: Gateway, calls: int, **allowance: object) -> dict[int, int]:
    """How many of so many calls, on connections of their own, got which status."""
    made = await ask(gateway, {"name": "app", "scopes": ["inference"], **allowance}, "/api/keys")
    await asyncio.sleep(1.0)  # until every worker knows it
    answers = await asyncio.gather(*(ask(gateway, chat(max_tokens=3), key=made.json["key"]) for _ in range(calls)))
    found = [answer.status for answer in answers]
    return {status: found.count(status) for status in set(found)}


async def test_two_workers_share_a_limit(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        assert await answered(gateway, 80, limits={"requests_per_minute": 15}) == {200: 15, 429: 65}


async def test_two_workers_share_a_budget(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        found = await answered(gateway, 120, budgets=[{"per": "month", "tokens": 40 * PER_CALL}])
    assert 39 <= found[200] <= 41 and set(found) <= {200, 412, 429}

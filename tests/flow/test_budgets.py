"""Accounts over a socket: budgets that hold under concurrency and restarts, limits, models, and who acts for whom."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Answer, ask, chat, get, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import USAGE, WHOLE, Stage, both
from tests.scripted import Visit

MODELS = """
[models.priced]
provider = "stage"
upstream = "gpt-4o-mini"
"""
PER_CALL = USAGE["total_tokens"]


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running gateway."""
    with Gateway(tmp_path_factory.mktemp("budgets"), config(stage, more=MODELS)) as made:
        yield made


async def account(gateway: Gateway, id: str, **allowance: Any) -> str:
    """A new account with this allowance; the secret of a key of it."""
    made = await ask(gateway, {"id": id, **allowance}, "/api/accounts")
    assert made.status == 201, made.body
    return await key(gateway, account=id)


async def key(gateway: Gateway, **more: Any) -> str:
    """The secret of a new key for inference."""
    made = await ask(gateway, {"name": "app", "scopes": ["inference"], **more}, "/api/keys")
    assert made.status == 201, made.body
    return str(made.json["key"])


async def slowly(visit: Visit) -> None:
    """Answers every request after a moment."""
    while True:
        await visit.request()
        await asyncio.sleep(0.02)
        await visit.send(WHOLE)


def statuses(answers: list[Answer]) -> dict[int, int]:
    """How many answers of each status."""
    found = [answer.status for answer in answers]
    return {status: found.count(status) for status in sorted(set(found))}


async def test_200_calls_at_once_never_exceed_a_budget_and_use_it_up(gateway: Gateway, stage: Stage) -> None:
    secret = await account(gateway, "crowd", budgets=[{"per": "month", "tokens": 50 * PER_CALL}])
    async with stage.plays(slowly):
        answers = await asyncio.gather(*(ask(gateway, chat(max_tokens=3), key=secret) for _ in range(200)))
        after = await ask(gateway, chat(max_tokens=3), key=secret)
    counted = statuses(answers)
    print(counted)
    spent = sum(
        row["prompt_tokens"] + row["completion_tokens"] for row in gateway.rows("account = 'crowd' and status = 200")
    )
    assert counted[200] * PER_CALL == spent
    assert 50 * PER_CALL - PER_CALL <= spent <= 51 * PER_CALL
    assert after.status == 412
    assert after.json["error"]["type"] == "usage_limit_exceeded_error" and "crowd" in after.json["message"]
    shown = (await get(gateway, "/api/accounts/crowd")).json
    assert shown["spent"] == [{"measure": "tokens", "per": "month", "spent": float(spent), "most": 50.0 * PER_CALL}]

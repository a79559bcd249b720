"""Accounts over a socket: budgets that hold under concurrency and restarts, limits, models, and who acts for whom."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.asking import Answer, Line, ask, chat, get, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, USAGE, WHOLE, Stage, both, event, piece
from tests.scripted import Visit

MODELS = """
[providers.openai]
base_url = "{url}"
api_key = "sk-test"
[models.priced]
provider = "openai"
upstream = "gpt-4o-mini"
"""
PER_CALL = USAGE["total_tokens"]


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running gateway."""
    with Gateway(tmp_path_factory.mktemp("budgets"), config(stage, more=MODELS.format(url=stage.url))) as made:
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
        after = [await ask(gateway, chat(max_tokens=3), key=secret) for _ in range(2)][-1]
    counted = statuses(answers)
    spent = sum(
        row["prompt_tokens"] + row["completion_tokens"] for row in gateway.rows("account = 'crowd' and status = 200")
    )
    assert counted[200] in (49, 50) and set(counted) == {200, 412}
    assert spent == 50 * PER_CALL
    assert after.status == 412
    assert after.json["error"]["type"] == "usage_limit_exceeded_error" and "crowd" in after.json["message"]
    shown = (await get(gateway, "/api/accounts/crowd")).json
    assert shown["spent"] == [{"measure": "tokens", "per": "month", "spent": float(spent), "most": 50.0 * PER_CALL}]


async def test_calls_that_say_no_maximum_are_told_apart_once_their_length_is_known(
    gateway: Gateway, stage: Stage
) -> None:
    secret = await account(gateway, "quiet", budgets=[{"per": "day", "tokens": 20 * PER_CALL}])
    async with stage.plays(slowly):
        answers = await asyncio.gather(*(ask(gateway, chat(), key=secret) for _ in range(60)))
    assert 19 <= statuses(answers)[200] <= 21 and set(statuses(answers)) <= {200, 412, 429}


async def test_money_is_counted_as_the_records_say(gateway: Gateway, stage: Stage) -> None:
    secret = await key(gateway, budgets=[{"per": "week", "usd": 0.00002}])
    async with stage.plays(both):
        answers = [
            await ask(gateway, streamed("priced", max_tokens=3) if n % 2 else chat("priced", max_tokens=3), key=secret)
            for n in range(12)
        ]
    cost = gateway.row(answers[0].id)["cost_usd"]
    assert cost == pytest.approx(7 * 0.15e-6 + 3 * 0.6e-6)
    answered = statuses(answers)[200]
    assert statuses(answers) == {200: answered, 412: 12 - answered} and answered - 1 <= 0.00002 / cost < answered + 1
    refused = answers[-1]
    assert refused.json["error"]["type"] == "virtual_key_exhaust_error" and refused.json["error"]["code"] == "04"
    id = gateway.row(answers[0].id)["key_id"]
    (spent,) = (await get(gateway, f"/api/keys/{id}")).json["spent"]
    assert spent["spent"] == pytest.approx(answered * cost)


async def test_a_limit_says_when_to_come_back(gateway: Gateway, stage: Stage) -> None:
    secret = await key(gateway, limits={"requests_per_minute": 3})
    async with stage.plays(both):
        answers = [await ask(gateway, chat(), key=secret) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 3 + [429] * 3
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json["error"]["code"] == "rate_limit_exceeded" and "3 requests per minute" in refused.json["message"]
    assert (await gateway.closed_row(refused.id))["outcome"] == "refused"


async def test_tokens_per_minute_are_what_answers_had(gateway: Gateway, stage: Stage) -> None:
    secret = await key(gateway, limits={"tokens_per_minute": 5 * PER_CALL})
    async with stage.plays(both):
        answers = [await ask(gateway, chat(max_tokens=1), key=secret) for _ in range(8)]
    assert statuses(answers)[200] in (5, 6) and set(statuses(answers)) == {200, 429}


async def test_a_model_that_is_not_allowed_is_refused_and_not_fallen_back_to(gateway: Gateway, stage: Stage) -> None:
    secret = await account(gateway, "narrow", models=["m", "second", "claude/*"])
    async with stage.plays(both) as upstream:
        assert (await ask(gateway, chat("m"), key=secret)).status == 200
        assert (await ask(gateway, chat("claude/x"), key=secret)).status != 412
        refused = await ask(gateway, chat("open"), key=secret)
        assert (refused.status, refused.json["error"]["type"]) == (412, "model_not_allowed_error")
        asked = len(upstream.requests)
        only = await key(gateway, models=["second"])
        assert (await ask(gateway, chat("second"), key=only)).status == 502
        assert (await ask(gateway, chat("nobody", fallback_model="m"), key=only)).status == 412
        assert len(upstream.requests) == asked


async def test_a_budget_that_is_raised_or_taken_away_counts_at_once(gateway: Gateway, stage: Stage) -> None:
    secret = await account(gateway, "grown", budgets=[{"per": "day", "tokens": PER_CALL}])
    async with stage.plays(both):
        answers = [await ask(gateway, chat(max_tokens=1), key=secret) for _ in range(3)]
        assert answers[-1].status == 412
        body = {"budgets": [{"per": "day", "tokens": 100 * PER_CALL}]}
        assert (await ask(gateway, body, "/api/accounts/grown", method="PATCH")).status == 200
        assert (await ask(gateway, chat(max_tokens=1), key=secret)).status == 200
        assert (await ask(gateway, {"budgets": []}, "/api/accounts/grown", method="PATCH")).json["budgets"] == []
        assert (await ask(gateway, chat(), key=secret)).status == 200


async def test_a_clients_leaving_does_not_save_it_the_tokens(gateway: Gateway, stage: Stage) -> None:
    secret = await key(gateway, budgets=[{"per": "day", "tokens": 1000}])
    async with stage.plays(endless):
        async with Line(gateway) as line:
            await line.post(streamed(max_tokens=500), key=secret)
            await line.head()
            for _ in range(20):
                await line.piece()
        row = await gateway.found("outcome = 'left'")
    (spent,) = (await get(gateway, f"/api/keys/{row['key_id']}")).json["spent"]
    assert 20 <= spent["spent"] < 500


async def endless(visit: Visit) -> None:
    """A stream of words without an end."""
    await visit.request()
    await visit.send(STREAM_HEAD)
    while True:
        await visit.send(event(piece({"content": "another word "})))
        await asyncio.sleep(0.005)


async def test_what_was_spent_survives_a_kill(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, config(stage))
    async with stage.plays(both):
        with gateway:
            secret = await account(gateway, "long", budgets=[{"per": "month", "tokens": 4 * PER_CALL}])
            assert [(await ask(gateway, chat(max_tokens=1), key=secret)).status for _ in range(3)] == [200] * 3
            gateway.kill()
        with gateway:
            answers = [await ask(gateway, chat(max_tokens=1), key=secret) for _ in range(4)]
    assert statuses(answers)[412] >= 2 and gateway.rows("status = 200 and account = 'long'")[3:4]


async def test_keys_of_the_operator_act_for_any_account_and_others_for_their_own(
    gateway: Gateway, stage: Stage
) -> None:
    own, foreign = await key(gateway), await account(gateway, "acme")
    header = {"x-selected-account-id": "globex"}
    async with stage.plays(both):
        named = await ask(gateway, chat(account_id="initech"), key=own)
        headed = await ask(gateway, chat(), key=own, headers=header)
        assert (gateway.row(named.id)["account"], gateway.row(headed.id)["account"]) == ("initech", "globex")
        assert (await ask(gateway, chat(account_id="acme"), key=foreign)).status == 200
        for refused in (
            await ask(gateway, chat(account_id="globex"), key=foreign),
            await ask(gateway, chat(), key=foreign, headers=header),
        ):
            assert (refused.status, refused.json["error"]["code"]) == (403, "account_not_allowed")
    end = time.monotonic() + 5
    while not {"initech", "globex"} <= {one["id"] for one in (await get(gateway, "/api/accounts")).json["data"]}:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def test_accounts_are_made_changed_listed_and_forgotten(gateway: Gateway) -> None:
    for wrong in (
        {"id": "a b"},
        {"id": "x", "budgets": [{"per": "year", "usd": 1}]},
        {"id": "x", "budgets": [{"per": "day"}]},
        {"id": "x", "budgets": [{"per": "day", "usd": 1}, {"per": "day", "usd": 2}]},
        {"id": "x", "limits": {"requests_per_minute": 0}},
    ):
        assert (await ask(gateway, wrong, "/api/accounts")).status == 400, wrong
    assert (await ask(gateway, {"id": "tmp", "name": "Temporary"}, "/api/accounts")).status == 201
    assert (await ask(gateway, {"id": "tmp"}, "/api/accounts")).status == 409
    changed = await ask(gateway, {"limits": {"requests_per_minute": 5}}, "/api/accounts/tmp", method="PATCH")
    assert changed.json["limits"] == {"requests_per_minute": 5} and changed.json["name"] == "Temporary"
    await key(gateway, account="tmp")
    assert (await ask(gateway, None, "/api/accounts/tmp", method="DELETE")).status == 409
    for id in [one["id"] for one in (await get(gateway, "/api/keys")).json["data"] if one["account"] == "tmp"]:
        await ask(gateway, None, f"/api/keys/{id}", method="DELETE")
    assert (await ask(gateway, None, "/api/accounts/tmp", method="DELETE")).json == {"deleted": True}
    assert (await get(gateway, "/api/accounts/tmp")).status == 404
    assert (await ask(gateway, None, "/api/accounts/default", method="DELETE")).status == 409

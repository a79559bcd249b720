"""Sentinels that can not be are refused when they are saved, and nothing changes."""

from typing import Any

import pytest

from tests.flow.asking import ask
from tests.flow.gateway import Gateway

GOOD = {"name": "good", "kind": "excludes", "words": ["promise"]}


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"sentinels": [GOOD, {"name": "x", "kind": "matches", "pattern": "(a"}]}, "sentinels[1].pattern"),
        ({"sentinels": [{"name": "x", "kind": "json_schema", "schema": {"type": "no"}}]}, "sentinels[0].schema"),
        ({"sentinels": [{"name": "x", "directive": "d", "judge": "ghost"}]}, "sentinels[0].judge"),
        ({"sentinels": [GOOD, GOOD]}, "sentinels[1].name"),
        ({"judge": "ghost"}, "judge"),
        ({"evaluation_enabled": False, "apply_corrections": True}, "apply_corrections"),
        ({"evaluation_enabled": False, "safe_mode": True}, "safe_mode"),
    ],
)
async def test_what_can_not_be_is_refused_with_its_place(gateway: Gateway, wrong: Any, param: str) -> None:
    path = "/api/applications/refusing/intents/ONE"
    before = await ask(gateway, {"sentinels": [GOOD], "judge": "m"}, path, method="PUT")
    assert before.status == 200
    for method in ("PUT", "PATCH"):
        answer = await ask(gateway, wrong, path, method=method)
        assert (answer.status, answer.json["error"]["param"]) == (400, param)
    after = await ask(gateway, None, path, method="GET")
    assert after.json == before.json


async def test_a_judge_may_be_any_model_that_a_provider_has(gateway: Gateway) -> None:
    sentinels = [{"name": judge, "directive": "d", "judge": judge} for judge in ("m", "stage/anything")]
    answer = await ask(gateway, {"sentinels": sentinels}, "/api/applications/judged", method="PUT")
    assert (answer.status, answer.json["config"]["sentinels"]) == (200, sentinels)

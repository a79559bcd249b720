"""Applications and intents: met on first use, configured by /api, and merged as the precedence says."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Answer, ask, chat, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage
from tests.scripted import Seen

FILE = """
[applications.filed]
defaults = { temperature = 0.9, max_tokens = 900 }
[applications.filed.intents.refund]
model = "m"
temperature = 0.2
"""


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose file configures an application."""
    with Gateway(tmp_path_factory.mktemp("applications"), config(stage, more=FILE)) as made:
        yield made


async def asked(gateway: Gateway, stage: Stage, **fields: Any) -> tuple[Answer, Seen]:
    """The answer, and what the upstream was asked."""
    async with stage.says(WHOLE) as upstream:
        answer = await ask(gateway, {**chat(), **fields})
    assert answer.status == 200, answer.body
    return answer, upstream.requests[0]


async def put(gateway: Gateway, path: str, settled: dict[str, Any]) -> None:
    """Settles something, which counts at once in the worker that was told."""
    answer = await ask(gateway, settled, f"/api/applications/{path}", method="PUT")
    assert answer.status == 200, answer.body


async def test_the_first_use_creates_application_and_intent(gateway: Gateway, stage: Stage) -> None:
    answer, seen = await asked(gateway, stage, application="new shop", intent="first contact")
    assert not {"application", "intent"} & set(seen.json)
    row = gateway.row(answer.id)
    assert (row["application"], row["intent"]) == ("new shop", "first contact")
    for _ in range(100):
        names = [one["application"] for one in (await get(gateway, "/api/applications")).json["data"]]
        if "new shop" in names:
            break
        await asyncio.sleep(0.02)
    assert "new shop" in names
    intents = (await get(gateway, "/api/applications/new%20shop/intents")).json["data"]
    assert [one["intent"] for one in intents] == ["first contact"]


async def test_what_a_request_leaves_out_is_default_and_a_fresh_session(gateway: Gateway, stage: Stage) -> None:
    (one, _), (other, _) = await asked(gateway, stage), await asked(gateway, stage)
    rows = gateway.row(one.id), gateway.row(other.id)
    assert {(row["application"], row["intent"], row["account"]) for row in rows} == {("default", "default", "default")}
    assert rows[0]["session_id"] != rows[1]["session_id"] != ""


async def test_the_record_keeps_whose_conversation_it_is(gateway: Gateway, stage: Stage) -> None:
    whose = {"session_id": "s-1", "reference_id": "r-1", "user_id": "u-1", "metadata": {"a": {"b": [1]}}}
    answer, seen = await asked(gateway, stage, **whose)
    shown = (await get(gateway, f"/api/requests/{answer.id}")).json
    assert {name: shown[name] for name in whose} == whose
    assert not set(whose) & set(seen.json)


async def test_a_record_is_found_by_the_completions_id_too(gateway: Gateway, stage: Stage) -> None:
    answer, _ = await asked(gateway, stage)
    shown = (await get(gateway, "/api/requests/chatcmpl-up")).json
    assert shown["completion_id"] == answer.json["id"] == "chatcmpl-up"
    assert shown["usage"]["total_tokens"] == 10
    assert shown["messages"][0]["content"] == "Hello?"
    assert shown["answer"]["content"] == "Good day."


async def test_the_file_configures_intent_before_application(gateway: Gateway, stage: Stage) -> None:
    _, seen = await asked(gateway, stage, application="filed", intent="refund", model=None)
    assert (seen.json["model"], seen.json["temperature"], seen.json["max_tokens"]) == ("upstream-model", 0.2, 900)
    _, seen = await asked(gateway, stage, application="filed", intent="other")
    assert seen.json["temperature"] == 0.9


async def test_request_goes_before_intent_and_intent_before_application(gateway: Gateway, stage: Stage) -> None:
    await put(gateway, "ranks", {"temperature": 0.1, "top_p": 0.1, "seed": 1})
    await put(gateway, "ranks/intents/deep", {"temperature": 0.2, "top_p": 0.2})
    _, seen = await asked(gateway, stage, application="ranks", intent="deep", temperature=0.3)
    assert (seen.json["temperature"], seen.json["top_p"], seen.json["seed"]) == (0.3, 0.2, 1)
    _, seen = await asked(gateway, stage, application="ranks")
    assert (seen.json["temperature"], seen.json["top_p"], seen.json["seed"]) == (0.1, 0.1, 1)


async def test_null_in_a_request_leaves_it_to_the_intent_and_zero_does_not(gateway: Gateway, stage: Stage) -> None:
    await put(gateway, "zero", {"temperature": 0.7, "n": 2})
    _, seen = await asked(gateway, stage, application="zero", temperature=None)
    assert seen.json["temperature"] == 0.7
    _, seen = await asked(gateway, stage, application="zero", temperature=0, n=1)
    assert (seen.json["temperature"], seen.json["n"]) == (0, 1)


async def test_an_intent_supplies_the_model(gateway: Gateway, stage: Stage) -> None:
    await put(gateway, "modelled/intents/x", {"model": "m"})
    answer, _ = await asked(gateway, stage, application="modelled", intent="x", model=None)
    assert answer.headers["x-parley-model"] == "m"
    missing = await ask(gateway, {**chat(), "model": None, "application": "modelled", "intent": "y"})
    assert (missing.status, missing.json["error"]["param"]) == (400, "model")


async def test_an_intents_fallback_answers_when_its_model_fails(gateway: Gateway, stage: Stage) -> None:
    await put(gateway, "falling", {"model": "nobody", "fallback_model": "m"})
    answer, _ = await asked(gateway, stage, application="falling", model=None)
    assert answer.headers["x-parley-model"] == "m"
    assert answer.headers["x-parley-fallback-reason"].startswith("nobody")


async def test_a_version_can_be_restored_and_counts(gateway: Gateway, stage: Stage) -> None:
    await put(gateway, "versioned", {"temperature": 0.1})
    await put(gateway, "versioned", {"temperature": 0.2})
    restored = await ask(gateway, None, "/api/applications/versioned/versions/1/restore")
    assert restored.json["version"] == 3
    _, seen = await asked(gateway, stage, application="versioned")
    assert seen.json["temperature"] == 0.1


@pytest.mark.parametrize("name", ["a/b", "Ünï çødé", "x" * 300, "'; drop table requests; --", "\u0000", "<b>", "../x"])
async def test_an_application_may_have_any_name(gateway: Gateway, stage: Stage, name: str) -> None:
    async with stage.says(WHOLE):
        answer = await ask(gateway, chat(application=name, intent=name, session_id=name, user_id=name))
    assert answer.status in (200, 400), answer.body
    assert (await gateway.closed_row(answer.id))["id"] == answer.id

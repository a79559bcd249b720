"""The same question in other words is answered from the cache; a question that only looks the same is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.asking import Answer, ask, chat
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, both, said
from tests.house.tree import ROOT
from tests.scripted import json_answer

ENCODER = ROOT.parent / "shared" / "models" / "all-minilm-l6-v2.f16.gguf"
SEMANTIC = """
[applications.wise.defaults]
cache = { mode = "semantic" }
"""
EMBEDDING = f"""
[embeddings]
model = "encoder"
[engine.models.encoder]
path = "{ENCODER}"
"""
SAME = [
    ("How do I reset my password?", "What's the way to reset my password?"),
    ("Is it safe to take aspirin with ibuprofen?", "Can I combine ibuprofen and aspirin?"),
    ("Convert 10 miles to km", "How many kilometers are in 10 miles?"),
    ("Who wrote Moby Dick?", "Please tell me: who is the author of Moby Dick?"),
]
DIFFERENT = [
    ("Can Alice beat Bob at chess?", "Can Bob beat Alice at chess?"),
    ("How to increase memory limit in docker", "How to decrease memory limit in docker"),
    ("Is this plan safe to follow?", "Is this plan not safe to follow?"),
    ("Convert 40 miles to km", "Convert 50 miles to km"),
    ("Wo ist der Bahnhof?", "Where is the station?"),
]


@pytest.fixture(scope="module", params=["words", "encoder"])
def gateway(
    request: pytest.FixtureRequest, stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway that finds questions by their words, and one with an encoder."""
    more = SEMANTIC
    settings = config(stage, more=more)
    if request.param == "encoder":
        if not ENCODER.exists():
            pytest.skip(f"there is no encoder at {ENCODER}")
        settings = settings.replace("[engine.models]\n", "") + EMBEDDING
    with Gateway(tmp_path_factory.mktemp("semantic"), settings) as made:
        yield made


def asked(text: str, **more: Any) -> dict[str, Any]:
    return chat(messages=[{"role": "user", "content": text}], application="wise", **more)


def status(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return answer.headers["x-parley-cache"]


@pytest.mark.parametrize(("first", "second"), SAME)
async def test_the_same_question_in_other_words_has_the_same_answer(
    gateway: Gateway, stage: Stage, first: str, second: str
) -> None:
    async with stage.plays(both) as upstream:
        answers = [await ask(gateway, asked(text)) for text in (first, second, second, first)]
    assert [status(answer) for answer in answers] == ["SEMANTIC MISS", "SEMANTIC HIT", "SEMANTIC HIT", "HIT"]
    assert len(upstream.requests) == 1
    assert answers[1].json["system_fingerprint"] == "cache"
    row = gateway.row(answers[1].id)
    assert (row["cache"], row["cost_usd"]) == ("SEMANTIC HIT", 0.0)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
async def test_another_question_is_asked(gateway: Gateway, stage: Stage, first: str, second: str) -> None:
    async with stage.plays(both) as upstream:
        answers = [await ask(gateway, asked(text)) for text in (first, second)]
    assert [status(answer) for answer in answers] == ["SEMANTIC MISS", "SEMANTIC MISS"]
    assert len(upstream.requests) == 2


async def test_all_but_the_last_turn_has_to_be_equal(gateway: Gateway, stage: Stage) -> None:
    def turns(system: str, text: str) -> dict[str, Any]:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        return chat(messages=messages, application="wise")

    async with stage.plays(both):
        first = await ask(gateway, turns("Be brief.", "How do I bake bread?"))
        other = await ask(gateway, turns("Be long.", "How can I bake bread?"))
        same = await ask(gateway, turns("Be brief.", "How can I bake bread?"))
    assert [status(one) for one in (first, other, same)] == ["SEMANTIC MISS", "SEMANTIC MISS", "SEMANTIC HIT"]


async def test_no_other_account_application_or_namespace_is_searched(gateway: Gateway, stage: Stage) -> None:
    made = await ask(gateway, {"name": "other", "scopes": ["inference"], "account": "other"}, "/api/keys")
    async with stage.plays(both):
        await ask(gateway, asked("How do I plant tulips?"))
        other = await ask(gateway, asked("How can I plant tulips?"), key=str(made.json["key"]))
        apart = await ask(gateway, asked("How should I plant tulips?"), headers={"x-portkey-cache-namespace": "garden"})
    assert [status(one) for one in (other, apart)] == ["SEMANTIC MISS", "SEMANTIC MISS"]


async def test_a_refresh_counts_for_the_other_words_too(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(json_answer(said("old"))):
        await ask(gateway, asked("How do I paint a wall?"))
        await ask(gateway, asked("How can I paint a wall?"))
    async with stage.says(json_answer(said("new"))):
        await ask(gateway, asked("How do I paint a wall?"), headers={"x-portkey-cache-force-refresh": "true"})
    again = await ask(gateway, asked("What is the best way to paint a wall?"))
    assert again.json["choices"][0]["message"]["content"] == "new"


async def test_workers_share_questions_too(stage: Stage, tmp_path: Path) -> None:
    forms = ("How do I {}?", "How can I {}?", "What is the best way to {}?", "Please tell me how to {}.")
    asks = [form.format(what) for what in ("fold a shirt", "peel a mango", "tie a bow") for form in forms]
    with Gateway(tmp_path, config(stage, more=SEMANTIC), arguments=("--workers", "2")) as gateway:
        async with stage.plays(both) as upstream:
            statuses = [status(await ask(gateway, asked(text))) for text in asks]
    assert statuses.count("SEMANTIC MISS") == len(upstream.requests) == 3

"""Random fault scripts: every call ends in one way, and the ledger agrees with what client and upstreams counted."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.asking import Line, chat
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM, STREAM_HEAD, WHOLE, Stage, event, piece
from tests.scripted import Visit, chunk, head, json_answer, sse_answer

ENDS = ("answer", "429", "500", "400", "close", "silent", "nothing", "half", "garbage")
OUTCOMES = {"answered", "refused", "failed"}
Script = list[str]
REFUSED = {"error": {"message": "Scripted.", "type": "x", "param": None, "code": None}}


@pytest.fixture(scope="module")
def stages() -> Iterator[list[Stage]]:
    made = [Stage() for _ in range(3)]
    yield made
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def gateway(stages: list[Stage], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    rows = ["[engine.models]"]
    for name, stage in zip("abc", stages, strict=True):
        rows.append(
            f'[providers.{name}]\ndialect = "openai"\nbase_url = "{stage.url}"\napi_key = "x"\n'
            "first_token_timeout = 0.3\nidle_timeout = 0.3\n"
            f'[models.{name}]\nprovider = "{name}"\n'
        )
    rows.append('[models.chain]\nprovider = "a"\nupstream = "chained"\nretries = 1\nfallback = ["b", "c"]\n')
    rows.append(
        '[routes.balanced]\nstrategy = { mode = "loadbalance", balance = "latency", failover = true }\n'
        'targets = [{ model = "a" }, { model = "b" }, { model = "c" }]\n'
    )
    with Gateway(tmp_path_factory.mktemp("faults"), "\n".join(rows)) as made:
        yield made


class Acting:
    """An upstream that goes through its script, over and over, and counts what it was asked and what it answered."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.turn = 0
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()

    async def __call__(self, visit: Visit) -> None:
        while True:
            seen = await visit.request()
            call = seen.json["messages"][0]["content"]
            end = self.script[self.turn % len(self.script)]
            self.turn += 1
            self.asked[call] += 1
            if end == "answer":
                self.answered[call] += 1
                await visit.send(STREAM if seen.json.get("stream") else WHOLE)
            elif end in SAID:
                await visit.send(SAID[end])
            elif end == "half":
                await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Half"})))
                await visit.cut()
                return
            elif end == "close":
                await visit.send(b"HTTP/1.1 2")  # without a byte, a kept connection would be taken for an idle one
                await visit.cut()
                return
            else:
                await visit.closed()


SAID = {
    "429": json_answer(REFUSED, 429),
    "500": json_answer(REFUSED, 500),
    "400": json_answer(REFUSED, 400),
    "nothing": sse_answer(),
    "garbage": head(length=5) + b"hello",
    "empty": STREAM_HEAD + chunk(b""),
}
scripts = st.lists(st.sampled_from(ENDS), min_size=1, max_size=6)
calls = st.lists(st.tuples(st.sampled_from(("chain", "balanced", "raced")), st.booleans()), min_size=1, max_size=8)


async def one(gateway: Gateway, name: str, model: str, stream: bool) -> tuple[str, str, bool]:
    """The call, its id, and whether its client saw a whole answer."""
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": name}], "stream": stream}
    if model == "raced":
        asked |= {"model": "a", "fallback_config": {"model": "b", "strategy": "first_response"}}
    else:
        asked["model"] = model
    async with Line(gateway) as line:
        await line.post({**chat(), **asked})
        answer = await line.answer()
    return name, answer.id, answer.status == 200 and answer.ended and (answer.done or not stream)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_scripts=st.tuples(scripts, scripts, scripts), given_calls=calls)
def test_every_call_ends_in_one_way_and_the_ledger_agrees(
    gateway: Gateway, stages: list[Stage], given_scripts: tuple[Script, ...], given_calls: list[tuple[str, bool]]
) -> None:
    asyncio.run(play(gateway, stages, given_scripts, given_calls))


async def play(
    gateway: Gateway, stages: list[Stage], given_scripts: tuple[Script, ...], given_calls: list[tuple[str, bool]]
) -> None:
    actors = [Acting(script) for script in given_scripts]
    a, b, c = stages
    async with a.plays(actors[0]), b.plays(actors[1]), c.plays(actors[2]):
        seen = await asyncio.gather(
            *(one(gateway, f"call-{n}", model, stream) for n, (model, stream) in enumerate(given_calls))
        )
    for (name, id, whole), (model, _) in zip(seen, given_calls, strict=True):
        row = await gateway.closed_row(id)
        assert row["outcome"] in OUTCOMES
        assert (row["outcome"] == "answered") == whole
        answered = sum(actor.answered[name] for actor in actors)
        assert answered <= (2 if model == "raced" else 1), "nobody is answered twice, but in a race"
        assert answered >= 1 or not whole or any("half" in script for script in given_scripts)
        asked = sum(actor.asked[name] for actor in actors)
        tried = [one for one in json.loads(row["attempts"] or "[]") if one["status"] is not None]
        if tried and model != "raced":
            assert len(tried) == asked
            assert (tried[-1]["reason"] is None) == whole
            assert all(one["reason"] for one in tried[:-1])
        elif model != "raced":
            assert asked == (1 if row["provider"] else 0)

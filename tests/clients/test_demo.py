"""The `openai` package against the built-in demo model, through a gateway as `make serve` starts it."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from tests.flow.asking import get
from tests.flow.gateway import Gateway

ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is Parley?"}]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway without any configuration."""
    with Gateway(tmp_path_factory.mktemp("demo"), "") as made:
        yield made


@pytest.fixture
async def demo(house: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """OpenAI's client on it."""
    async with AsyncOpenAI(base_url=house.url, api_key=house.key, max_retries=0, timeout=60) as made:
        yield made


async def test_the_demo_model_says_what_parley_is(demo: AsyncOpenAI, house: Gateway) -> None:
    answer = await demo.chat.completions.create(model="demo", messages=ASKED, temperature=0)
    assert "gateway" in (answer.choices[0].message.content or "")
    assert answer.usage is not None and answer.usage.completion_tokens > 0
    row = house.row(str(answer._request_id))
    assert (row["provider"], row["outcome"], row["cost_usd"]) == ("engine", "answered", 0.0)
    assert row["prompt_tokens"] == answer.usage.prompt_tokens


async def test_the_demo_model_streams_the_same(demo: AsyncOpenAI) -> None:
    whole = await demo.chat.completions.create(model="demo", messages=ASKED, temperature=0)
    stream = await demo.chat.completions.create(
        model="demo", messages=ASKED, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage is not None and chunks[-1].usage == whole.usage


async def test_the_demo_model_is_listed_and_its_requests_too(demo: AsyncOpenAI, house: Gateway) -> None:
    assert [model.id async for model in demo.models.list()] == ["demo"]
    listed = (await get(house, "/api/requests")).json["data"]
    assert listed and all(row["model"] == "demo" for row in listed)


async def test_a_crash_of_the_engine_is_a_restart_and_nothing_else(demo: AsyncOpenAI, house: Gateway) -> None:
    before = engine_of(house)
    os.kill(before, signal.SIGKILL)
    answer = await demo.with_options(max_retries=5).chat.completions.create(model="demo", messages=ASKED, max_tokens=4)
    assert answer.choices[0].finish_reason == "length"
    assert engine_of(house) != before


def engine_of(gateway: Gateway) -> int:
    """The engine's process, found as an operator would find it."""
    children = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text().split()
    (engine,) = [pid for pid in children if b"parley.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return int(engine)

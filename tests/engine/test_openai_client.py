"""The openai package against the engine itself."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import openai
import pytest

from tests.engine.conftest import Furnace


@pytest.fixture
async def openai_client(furnace: Furnace) -> AsyncIterator[openai.AsyncOpenAI]:
    transport = httpx2.AsyncHTTPTransport(uds=furnace.engine.address.removeprefix("unix:"))
    http = httpx2.AsyncClient(transport=transport)
    async with openai.AsyncOpenAI(
        base_url="http://engine/v1", api_key="none", http_client=http, max_retries=0
    ) as client:
        yield client


async def test_it_chats_and_streams(openai_client: openai.AsyncOpenAI) -> None:
    asked: Any = {"model": "demo", "messages": [{"role": "user", "content": "What is Parley?"}], "temperature": 0}
    whole = await openai_client.chat.completions.create(**asked)
    stream = await openai_client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    pieces = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in pieces if chunk.choices)
    assert text == whole.choices[0].message.content
    assert pieces[-1].usage.total_tokens == whole.usage.total_tokens


async def test_it_completes_embeds_and_lists(openai_client: openai.AsyncOpenAI) -> None:
    text = await openai_client.completions.create(model="tiny", prompt="the", logprobs=1, max_tokens=3)
    assert text.choices[0].logprobs is not None
    vectors = await openai_client.embeddings.create(model="encoder", input=["the word", "of"])
    assert [len(row.embedding) for row in vectors.data] == [32, 32]
    assert "demo" in [model.id async for model in openai_client.models.list()]


async def test_its_errors_are_its_own_kinds(openai_client: openai.AsyncOpenAI) -> None:
    messages: Any = [{"role": "user", "content": "hello"}]
    with pytest.raises(openai.NotFoundError):
        await openai_client.chat.completions.create(model="nobody", messages=messages)
    with pytest.raises(openai.BadRequestError):
        await openai_client.chat.completions.create(model="tiny", messages=messages, temperature=3)

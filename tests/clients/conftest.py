"""The gateway and the stage of `tests/flow`, and OpenAI's client on it."""

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from tests.flow.conftest import gateway, stage
from tests.flow.gateway import Gateway

__all__ = ["gateway", "stage"]


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """OpenAI's client as an application has it, but for the address and the key."""
    async with AsyncOpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0, timeout=20) as made:
        yield made

"""A gateway with an application that judges its answers, an upstream that tests script, and both clients on them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parley_client import AsyncParley, Parley
from tests.flow.conftest import config, stage
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage

__all__ = ["stage"]

APPLICATIONS = """
[applications.support.defaults]
model = "m"
[applications.support.intents.REFUND]
temperature = 0.2
[[applications.support.intents.REFUND.sentinels]]
name = "no promises"
kind = "excludes"
words = ["guarantee"]
"""


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running gateway."""
    with Gateway(tmp_path_factory.mktemp("gateway"), config(stage, more=APPLICATIONS)) as made:
        yield made


@pytest.fixture
async def client(gateway: Gateway, stage: Stage, tmp_path: Path) -> AsyncIterator[AsyncParley]:
    """The asynchronous client; asked not to go through Parley, it asks the stage."""
    async with AsyncParley(
        base_url=gateway.url,
        api_key=gateway.key,
        provider_base_url=stage.url,
        provider_api_key="sk-own",
        outbox=tmp_path,
        max_retries=0,
        timeout=20,
    ) as made:
        yield made


@pytest.fixture
def plain(gateway: Gateway, stage: Stage, tmp_path: Path) -> Iterator[Parley]:
    """The synchronous client; tests use it in a thread, because the upstream plays on their loop."""
    with Parley(
        base_url=gateway.url,
        api_key=gateway.key,
        provider_base_url=stage.url,
        provider_api_key="sk-own",
        outbox=tmp_path,
        max_retries=0,
        timeout=20,
    ) as made:
        yield made

"""The `octoai` package, 1.11.0, against a scripted upstream: its calls, its parameters, its errors."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.packages import Package, package
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, both

HELLO = [{"role": "user", "content": "Hello?"}]


@pytest.fixture(scope="module")
def octoai(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """The client, as an application has it but for the address and the key."""
    home = tmp_path_factory.mktemp("octoai")
    with package("octoai", "octoai", home, url=gateway.origin, key=gateway.key, model="m") as made:
        yield made


async def test_a_chat(octoai: Package, stage: Stage) -> None:
    async with stage.plays(both):
        answer = await octoai.call("chat", messages=HELLO)
    assert answer["choices"][0]["message"]["content"] == "Good day."
    assert answer["usage"]["total_tokens"] == 10


async def test_a_stream(octoai: Package, stage: Stage) -> None:
    async with stage.plays(both):
        chunks = await octoai.call("stream", messages=HELLO)
    assert text_of(chunks) == "Good day."


def text_of(chunks: list[Any]) -> str:
    """What the first choice of a stream says."""
    return "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks if one["choices"])

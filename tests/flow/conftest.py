"""One gateway for all tests of a folder, and the stage that its upstreams play on."""

from collections.abc import Iterator

import pytest

from tests.flow.gateway import Gateway
from tests.flow.stage import Stage

SECRET = "sk-upstream-secret-4711"
SMALL_TIMES = """
first_token_timeout = 1.0
idle_timeout = 0.8
timeout = 20
"""


def config(stage: Stage, *, server: str = "", more: str = "") -> str:
    """A configuration without an engine whose provider `stage` is on the stage; `closed` is an address of nobody."""
    return f"""
[server]
max_body = "100KB"
{server}
[engine.models]
[providers.stage]
dialect = "openai"
base_url = "{stage.url}"
api_key = "{SECRET}"
{SMALL_TIMES}
[providers.tolerant]
dialect = "vllm"
base_url = "{stage.url}"
api_key = "{SECRET}"
[providers.claude]
dialect = "anthropic"
base_url = "{stage.url}"
api_key = "{SECRET}"
{SMALL_TIMES}
[providers.closed]
dialect = "openai"
base_url = "http://127.0.0.1:1/v1"
api_key = "{SECRET}"
[models.m]
provider = "stage"
upstream = "upstream-model"
[models.opus]
provider = "claude"
upstream = "claude-model"
[models.open]
provider = "tolerant"
upstream = "open-model"
[models.nobody]
provider = "closed"
[models.second]
provider = "closed"
fallback = ["m"]
{more}
"""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Where upstreams play."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running gateway."""
    made = Gateway(tmp_path_factory.mktemp("gateway"), config(stage))
    with made:
        yield made

"""What each kind of provider is asked, as bytes: nothing is sent here."""

import json
from typing import Any

import pytest

from parley.core.errors import BadRequest
from parley.providers.anthropic import Anthropic
from parley.providers.openai_compatible import OpenAICompatible
from parley.providers.registry import BY_NAME
from parley.wire.http import Timeouts, Url
from tests.providers.calls import chat, embedding, target


def made(name: str, base_url: str = "", **more: Any) -> OpenAICompatible | Anthropic:
    """The provider of a row, with a key."""
    row = BY_NAME[name]
    kind = Anthropic if row.speaks == "anthropic" else OpenAICompatible
    url = Url.parse(base_url or row.base_url)
    given = {"key": "sk-key", "headers": {}, **more}
    return kind(name, row, url=url, timeouts=Timeouts(), **given)


def head_of(provider: OpenAICompatible | Anthropic, model: str = "up", **fields: Any) -> list[str]:
    """The lines of the head that asks `model`."""
    return provider.prepare(chat(**fields), target(model)).head().decode().rstrip().split("\r\n")


async def test_an_openai_row_is_asked_below_its_address_with_a_bearer() -> None:
    line, *fields = head_of(made("groq"))
    assert line == "POST /openai/v1/chat/completions HTTP/1.1"
    assert {"host: api.groq.com", "authorization: Bearer sk-key", "content-type: application/json"} <= set(fields)


async def test_embeddings_are_asked_on_their_own_path() -> None:
    request = made("openai").prepare(embedding(), target("up"))
    assert request.target == "/embeddings"
    assert json.loads(request.body) == {"model": "up", "input": ["a", "b"]}


async def test_an_upstream_without_a_key_is_sent_none() -> None:
    assert not [line for line in head_of(made("ollama", key=None)) if line.startswith("authorization")]


async def test_azure_has_the_deployment_and_its_version_in_the_path_and_a_header_of_its_own() -> None:
    azure = made("azure", "https://mine.openai.azure.com", api_version="2024-10-21")
    line, *fields = head_of(azure, "gpt-prod")
    assert line == "POST /openai/deployments/gpt-prod/chat/completions?api-version=2024-10-21 HTTP/1.1"
    assert "api-key: sk-key" in fields
    assert not [field for field in fields if field.startswith("authorization")]


@pytest.mark.parametrize("model", ["../../other", "a/b", "a?x=1#y", "a b", "Ünï", "%2e%2e", "a\r\nx: y"])
async def test_no_name_of_a_model_leads_to_another_path_of_azure(model: str) -> None:
    azure = made("azure", "https://mine.openai.azure.com", api_version="2024-10-21")
    path = head_of(azure, model)[0].split(" ")[1]
    prefix, suffix = "/openai/deployments/", "/chat/completions?api-version=2024-10-21"
    assert path.startswith(prefix) and path.endswith(suffix)
    assert not set(path[len(prefix) : -len(suffix)]) & set("/?# \r\n")


async def test_anthropic_is_asked_on_its_path_with_its_key_and_version() -> None:
    line, *fields = head_of(made("anthropic"), max_tokens=5)
    assert line == "POST /v1/messages HTTP/1.1"
    assert {"x-api-key: sk-key", "anthropic-version: 2023-06-01"} <= set(fields)


async def test_anthropic_takes_further_headers_and_another_version() -> None:
    fields = head_of(made("anthropic", headers={"anthropic-beta": "b"}, api_version="2099-01-01"), max_tokens=5)
    assert {"anthropic-beta: b", "anthropic-version: 2099-01-01"} <= set(fields)


async def test_anthropic_embeds_nothing_and_says_so() -> None:
    with pytest.raises(BadRequest) as told:
        made("anthropic").prepare(embedding(), target("up"))
    assert told.value.param == "model"


async def test_the_key_is_in_no_repr() -> None:
    provider = made("openai")
    assert "sk-key" not in repr(provider) + repr(provider.prepare(chat(), target("up")))

"""What a provider can be asked for is found out by asking its own code."""

import pytest

from parley.compose.providers import KINDS, make_provider
from parley.providers.capabilities import PROBES, capabilities
from parley.providers.provider import Provider
from parley.providers.registry import BY_NAME, ROWS, Row
from parley.settings import ProviderSection
from parley.settings.secrets import Secret
from tests.providers.doors import key_file


def provider(name: str) -> Provider:
    key = Secret(key_file("http://127.0.0.1/token"))
    address = BY_NAME[name].base_url or "https://acme.example/v1"
    return make_provider(name, ProviderSection(dialect=name, base_url=address, api_key=key))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_everybody_can_chat_stream_and_call_tools(row: Row) -> None:
    assert {"chat", "stream", "tools", "images"} <= set(capabilities(provider(row.name)))


def test_what_a_dialect_has_no_words_for_is_not_among_them() -> None:
    assert not {"embeddings", "completions", "n", "logprobs"} & set(capabilities(provider("anthropic")))
    assert not {"embeddings", "loglikelihood"} & set(capabilities(provider("bedrock")))
    assert "loglikelihood" not in capabilities(provider("openai"))


def test_vllm_can_be_asked_for_everything() -> None:
    assert set(capabilities(provider("vllm"))) == set(PROBES)


def test_every_dialect_is_among_the_rows() -> None:
    assert {row.speaks for row in ROWS} == set(KINDS)

"""The upstreams: each provider of the settings under the class that speaks its dialect, with connections of its own."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from msgspec import structs

from parley.compose.engine import ENGINE_NAME
from parley.providers.anthropic import Anthropic
from parley.providers.bedrock import Bedrock
from parley.providers.caller import Upstream
from parley.providers.google import Gemini, Vertex
from parley.providers.openai_compatible import OpenAICompatible
from parley.providers.provider import Provider
from parley.providers.registry import BY_NAME, ENGINE_ROW
from parley.providers.vllm import Vllm
from parley.settings import ProviderSection, Settings
from parley.settings.secrets import Secret
from parley.wire.http import HttpClient, Limits, Timeouts, Url

ENGINE_CONNECTIONS = 1024
ENGINE_TIMEOUTS = Timeouts(connect=30, first_byte=600, idle=120, total=None)
"""The engine may be loading a model, or working through a long prompt, before its first byte."""


async def open_upstreams(
    settings: Settings, providers: Mapping[str, Provider], stack: AsyncExitStack
) -> dict[str, Upstream]:
    """Each provider with connections of its own, so that one that is slow takes none from the others."""
    upstreams = {}
    for name, provider in providers.items():
        section = settings.providers.get(name)
        most = section.max_connections if section else ENGINE_CONNECTIONS
        client = HttpClient(Limits(connections=most, idle_connections=most), proxies=settings.proxies)
        upstreams[name] = Upstream(provider, await stack.enter_async_context(client))
    return upstreams


def make_guest(settings: Settings, name: str, url: Url | None, key: str | None) -> Provider | None:
    """The provider `name` with another key, at another address if there is one; `None` where that can not be."""
    section = settings.providers.get(name)
    if section is None or BY_NAME[section.dialect or name].speaks not in KEYED:
        return None
    own = structs.replace(section, api_key=Secret(key) if key else None)
    if url is not None:
        own = structs.replace(own, base_url=str(url), headers={})
    return make_provider(name, own)


KEYED = frozenset({"openai", "anthropic", "gemini", "vllm"})
"""Dialects whose only credential is the key that they are given; the others sign with what the server has."""


def make_providers(settings: Settings, engine_address: str | None) -> dict[str, Provider]:
    """Every provider of the settings, and the engine."""
    providers = {name: make_provider(name, section) for name, section in settings.providers.items()}
    if engine_address is not None:
        url = Url.parse(f"{engine_address}|/v1")
        providers[ENGINE_NAME] = OpenAICompatible(
            ENGINE_NAME, ENGINE_ROW, url=url, key=None, timeouts=ENGINE_TIMEOUTS, headers={}
        )
    return providers


def make_provider(name: str, section: ProviderSection) -> Provider:
    """The provider of one section, under the class that speaks its dialect. Raises BadRequest for a broken key."""
    row = BY_NAME[section.dialect or name]
    return KINDS[row.speaks](
        name,
        row,
        url=Url.parse(section.base_url or ""),
        key=section.api_key.reveal() if section.api_key else None,
        timeouts=Timeouts(
            connect=section.connect_timeout,
            first_byte=section.first_token_timeout,
            idle=section.idle_timeout,
            total=section.timeout,
        ),
        headers=section.headers,
        api_version=section.api_version,
    )


KINDS: dict[str, type[OpenAICompatible | Anthropic | Gemini | Bedrock]] = {
    "openai": OpenAICompatible,
    "anthropic": Anthropic,
    "gemini": Gemini,
    "vertex": Vertex,
    "bedrock": Bedrock,
    "vllm": Vllm,
}
"""The class behind each dialect that an upstream may speak."""

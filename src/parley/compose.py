"""The plan: the only file that names concrete classes. Settings in, a running house out."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import structs

from parley.accounts.admin import AdminKey, keep_admin_key
from parley.accounts.applications import Registry
from parley.accounts.changes import Changes
from parley.accounts.config_desk import ConfigDesk
from parley.accounts.file_configs import said_by, take_over
from parley.accounts.first_uses import FirstUses
from parley.accounts.key_desk import KeyDesk
from parley.accounts.keys import Keyring
from parley.accounts.prices import Prices, load_soon
from parley.core.route import Target
from parley.engine.report import EngineReport
from parley.engine.settings import EngineSettings, ModelSettings
from parley.engine.supervisor import Engine
from parley.pipeline.house import House
from parley.providers.anthropic import Anthropic
from parley.providers.bedrock import Bedrock
from parley.providers.caller import Upstream
from parley.providers.google import Gemini, Vertex
from parley.providers.guests import Guests
from parley.providers.openai_compatible import OpenAICompatible
from parley.providers.provider import Provider
from parley.providers.registry import BY_NAME, ENGINE_ROW
from parley.providers.vllm import Vllm
from parley.routing.catalog import Catalog, Entry
from parley.routing.custom_hosts import CustomHosts
from parley.routing.plan import Retry, Terms
from parley.routing.portkey_config import Known
from parley.routing.router import Router
from parley.routing.saved import SavedConfigs
from parley.server.api.routes import api_routes
from parley.server.api.services import ApiServices
from parley.server.app import make_app
from parley.server.asgi import App
from parley.server.calls import Calls
from parley.server.calls import Limits as CallLimits
from parley.server.health import health_routes
from parley.server.metrics import Metrics
from parley.server.models import ModelList
from parley.server.page import page_route
from parley.settings import ProviderSection, Settings
from parley.settings.check import parse_size
from parley.settings.secrets import Secret
from parley.store import Ledger, Store, open_ledger, open_store
from parley.wire.http import HttpClient, Limits, Timeouts, Url

ENGINE_NAME = "engine"
SPOOL = "spool"
ENGINE_CONNECTIONS = 1024
ENGINE_TIMEOUTS = Timeouts(connect=30, first_byte=600, idle=120, total=None)
"""The engine may be loading a model, or working through a long prompt, before its first byte."""


def make_engine(settings: Settings) -> Engine:
    """The engine with the models of the settings; not started."""
    return Engine(make_engine_settings(settings))


def make_engine_settings(settings: Settings) -> EngineSettings:
    """What the engine is told: its models and the bounds they share."""
    section = settings.engine
    return EngineSettings(
        models={
            name: ModelSettings(
                path=model.path,
                adapters=model.adapters,
                chat_template=model.chat_template,
                context=model.context,
                slots=model.slots,
                load=model.load,
                idle=model.idle,
            )
            for name, model in section.models.items()
        },
        threads=section.threads,
        waiting=section.waiting,
        patience=section.patience,
    )


@asynccontextmanager
async def open_house(
    settings: Settings, admin: AdminKey, engine_address: str | None, shared: Path | None = None
) -> AsyncIterator[App]:
    """The application, with everything behind it running; on leaving, every record is written.

    `shared` is a directory that the workers of one gateway have in common, None where there is one worker.
    Raises StoreError where the store can not be opened, and GatewayError for a configuration that is wrong.
    """
    data = Path(settings.data)
    async with AsyncExitStack() as stack:
        store = await open_store(settings.store.url, data)
        stack.push_async_callback(store.close)
        ledger = open_ledger(settings.store.url, settings.store.durability, data / SPOOL, data_dir=data)
        await ledger.start()
        stack.push_async_callback(ledger.stop, settings.server.grace)

        keyring = Keyring((admin.key,))
        first_uses = FirstUses(store.applications)
        registry = Registry(store.applications, first_use=first_uses.note)
        keys = KeyDesk(store.keys, keyring)
        await keep_admin_key(store.keys, admin)
        await take_over(store.applications, said_by(settings.applications))
        await first_uses.start()
        stack.push_async_callback(first_uses.stop)
        catalog, hosts = make_catalog(settings), CustomHosts(settings.server.custom_hosts)
        router = Router(catalog, make_known(settings, catalog, hosts), random.Random(), time.monotonic())  # noqa: S311
        saved = SavedConfigs(store.configs, router, settings.routes)
        watched = {"keys": keys.refresh, "applications": registry.refresh, "configs": saved.refresh}
        changes = Changes(store.revisions, watched)
        await changes.start()
        stack.push_async_callback(changes.stop)

        prices = asyncio.create_task(load_soon(), name="prices")
        stack.callback(prices.cancel)

        upstreams = await _open_upstreams(settings, make_providers(settings, engine_address), stack)
        abroad = await stack.enter_async_context(HttpClient(proxies=settings.proxies))
        counted = lambda: {name: int(value) for name, value in structs.asdict(ledger.stats()).items()}  # noqa: E731
        metrics = Metrics(counted, shared, lambda: router.targets(time.monotonic()))
        await metrics.start()
        stack.push_async_callback(metrics.stop)
        house = House(
            applications=registry,
            router=router,
            upstreams=upstreams,
            guests=Guests(partial(make_guest, settings), upstreams, abroad, hosts.vet),
            ledger=ledger,
            prices=Prices(
                own=(ENGINE_NAME,),
                addresses={name: section.base_url or "" for name, section in settings.providers.items()},
            ),
            meter=metrics,
            keep_content=settings.store.content,
        )
        limits = CallLimits(
            max_body=parse_size(settings.server.max_body),
            max_concurrent=settings.server.max_concurrent,
            timeout=settings.server.timeout,
            ping=settings.server.ping,
        )
        models = ModelList(router, int(time.time()), await _open_report(settings, engine_address, stack))
        services = ApiServices(
            keys=keys,
            configs=ConfigDesk(store.applications, registry),
            routes=saved,
            requests=store.requests,
            catalog=models,
        )
        routes = [
            *health_routes(partial(_readiness, store, ledger), metrics),
            *models.routes(),
            page_route(),
            *api_routes(services),
        ]
        yield make_app(Calls(house, keyring, limits), routes, keyring)


async def _readiness(store: Store, ledger: Ledger) -> dict[str, Any]:
    """Calls are answered even while the store is away, since records wait in the spool; so only its absence shows."""
    return {"store": {"ready": True, "away": ledger.stats().away}}


async def _open_report(
    settings: Settings, engine_address: str | None, stack: AsyncExitStack
) -> dict[str, EngineReport]:
    """What the engine says of its models, where there is one."""
    if engine_address is None:
        return {}
    client = await stack.enter_async_context(HttpClient(Limits(connections=4)))
    return {ENGINE_NAME: EngineReport(make_engine_settings(settings), engine_address, client)}


async def _open_upstreams(
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


def make_catalog(settings: Settings) -> Catalog:
    """Every model of the settings, under the name that clients use."""
    inside = [Entry(target=Target(model=name, provider=ENGINE_NAME, upstream=name)) for name in settings.engine.models]
    outside = [
        Entry(
            target=Target(model=name, provider=model.provider, upstream=model.upstream or name),
            fallback=tuple(model.fallback),
            context=model.context,
            terms=Terms(
                retry=Retry(attempts=model.retries),
                timeout=model.timeout,
                continue_on_cut=model.continue_on_cut or None,
            ),
        )
        for name, model in settings.models.items()
    ]
    return Catalog([*inside, *outside], list(settings.providers))


def make_known(settings: Settings, catalog: Catalog, hosts: CustomHosts) -> Known:
    """What routing configs may refer to."""
    return Known(providers=(ENGINE_NAME, *settings.providers), models=tuple(catalog.entries), refuse_host=hosts.refuse)


def make_guest(settings: Settings, name: str, url: Url | None, key: str | None) -> Provider | None:
    """The provider `name` with another key, at another address if there is one; `None` where that can not be."""
    section = settings.providers.get(name)
    if section is None or BY_NAME[section.dialect or name].speaks not in KEYED:
        return None
    own = structs.replace(section, api_key=Secret(key) if key else None)
    if url is not None:
        own = structs.replace(own, base_url=str(url), headers={})
    return _provider(name, own)


KEYED = frozenset({"openai", "anthropic", "gemini", "vllm"})
"""Dialects whose only credential is the key that they are given; the others sign with what the server has."""


def make_providers(settings: Settings, engine_address: str | None) -> dict[str, Provider]:
    """Every provider of the settings, and the engine."""
    providers = {name: _provider(name, section) for name, section in settings.providers.items()}
    if engine_address is not None:
        url = Url.parse(f"{engine_address}|/v1")
        providers[ENGINE_NAME] = OpenAICompatible(
            ENGINE_NAME, ENGINE_ROW, url=url, key=None, timeouts=ENGINE_TIMEOUTS, headers={}
        )
    return providers


def _provider(name: str, section: ProviderSection) -> Provider:
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

"""The house: every room opened in order, joined, and closed again in the opposite order."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
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
from parley.compose.accounts import make_gate, start_gate
from parley.compose.cache import make_desk, open_cache
from parley.compose.context import open_context
from parley.compose.engine import ENGINE_NAME, open_report
from parley.compose.evaluation import make_expect, open_evaluation
from parley.compose.ground import Ground
from parley.compose.hearing import make_desks, open_webhooks
from parley.compose.memory import open_memory
from parley.compose.providers import make_guest, make_providers, open_upstreams
from parley.compose.receipts import open_receipts
from parley.compose.routing import make_catalog, make_known
from parley.compose.tracing import open_export
from parley.jobs.worker import Worker
from parley.pipeline.errands import Errands
from parley.pipeline.house import House
from parley.pipeline.house import Ledger as Books
from parley.pipeline.stages.admit import Charging
from parley.pipeline.stages.record import mark_trace
from parley.prompts.book import PromptBook
from parley.providers.capabilities import capabilities
from parley.providers.guests import Guests
from parley.routing.custom_hosts import CustomHosts
from parley.routing.router import Router
from parley.routing.saved import SavedConfigs
from parley.server.api.routes import api_routes
from parley.server.api.services import ApiServices
from parley.server.app import make_app
from parley.server.asgi import App
from parley.server.calls import Calls
from parley.server.calls import Limits as CallLimits
from parley.server.health import health_routes
from parley.server.later import Later
from parley.server.maitai.context_routes import ContextRoutes
from parley.server.maitai.public_routes import PublicRoutes
from parley.server.maitai.push import ConfigPush
from parley.server.maitai.routes import MaitaiRoutes
from parley.server.maitai.shelf import Shelf
from parley.server.maitai.surface import maitai_surface
from parley.server.metrics import Metrics
from parley.server.models import ModelList
from parley.server.page import page_route
from parley.server.portkey.prompts import prompt_surfaces
from parley.server.portkey.routes import portkey_routes
from parley.server.receipts import ReceiptPages
from parley.server.scale import ScalePages
from parley.server.submissions import Submissions
from parley.server.surfaces import SURFACES, Surfaces
from parley.server.telemetry import Telemetry
from parley.settings import Settings
from parley.settings.check import parse_size
from parley.store import Ledger, Store, open_ledger, open_store
from parley.store.address import SqliteAddress, read_address
from parley.tracing.log import TraceLog
from parley.wire.http import HttpClient

SPOOL = "spool"


@asynccontextmanager
async def open_house(
    settings: Settings, admin: AdminKey, engine_address: str | None, shared: Path | None = None
) -> AsyncIterator[App]:
    """The application, with everything behind it running; on leaving, every record is written.

    `shared` is a directory that the workers of one gateway have in common, None where there is one worker.
    Raises StoreError where the store can not be opened, and GatewayError for a configuration that is wrong.
    """
    async with AsyncExitStack() as stack:
        data = Path(settings.data)
        store = await open_store(settings.store.url, data)
        stack.push_async_callback(store.close)
        if shared is None and isinstance(read_address(settings.store.url, data), SqliteAddress):
            await store.sessions.free()
            await store.jobs.free()  # nobody else works here: whoever held a lease is gone
            await store.spending.free()
        ledger = open_ledger(settings.store.url, settings.store.durability, data / SPOOL, data_dir=data)
        await ledger.start()
        stack.push_async_callback(ledger.stop, settings.server.grace)

        keyring = Keyring((admin.key,))
        first_uses = FirstUses(store.applications)
        registry = Registry(store.applications, first_use=first_uses.note)
        gate, accounts = make_gate(store)
        keys = KeyDesk(store.keys, keyring, tell=gate.hold_keys)
        await keep_admin_key(store.keys, admin)
        await take_over(store.applications, said_by(settings.applications))
        await first_uses.start()
        stack.push_async_callback(first_uses.stop)
        catalog, hosts = make_catalog(settings), CustomHosts(settings.server.custom_hosts)
        router = Router(catalog, make_known(settings, catalog, hosts), random.Random(), time.monotonic())  # noqa: S311
        saved = SavedConfigs(store.configs, router, settings.routes)
        books, exporter = await open_export(settings, ledger, stack)
        exported = dict if exporter is None else exporter.counted
        metrics = Metrics(partial(_counted, ledger), shared, lambda: router.targets(time.monotonic()), exported)

        bare = await _open_bare(settings, engine_address, stack, registry, router, hosts, books, metrics)
        ground = Ground(
            settings=settings,
            data=data,
            shared=shared,
            stack=stack,
            store=store,
            ledger=ledger,
            keyring=keyring,
            registry=registry,
            router=router,
            hosts=hosts,
            errands=Errands(bare, settings.embeddings.model if settings.embeddings else None),
        )
        push, shelf = ConfigPush(keyring), Shelf(data / "files")
        prompts = PromptBook(store.prompts)
        ground.watched.update(prompts=prompts.refresh)
        ground.watched.update(keys=keys.refresh, configs=saved.refresh)
        ground.watched.update(applications=partial(_in_turn, registry.refresh, push.changed))
        ground.watched.update(accounts=gate.refresh)
        ground.afterthoughts.extend((Charging(gate, bare.prices), mark_trace))
        await start_gate(gate, stack)
        # The rooms, one line each.
        hooks = await open_webhooks(ground)
        judging = open_evaluation(ground, hooks)
        cache = await open_cache(ground)
        context = await open_context(ground)
        memory = await open_memory(ground, cache, context)
        receipts = open_receipts(ground)

        worker = Worker(store.jobs, ground.handlers)
        judging.watch(worker)
        metrics.judged, metrics.owed = judging.counted, judging.owed
        house = structs.replace(
            bare,
            gate=gate,
            cache=cache,
            context=context,
            memory=memory.remembrance,
            court=judging.court,
            afterthoughts=tuple(ground.afterthoughts),
            wake=worker.wake,
        )
        changes = Changes(store.revisions, ground.watched)
        await changes.start()
        stack.push_async_callback(changes.stop)
        await worker.start()
        stack.push_async_callback(worker.stop)
        await metrics.start()
        stack.push_async_callback(metrics.stop)

        models = ModelList(
            router,
            int(time.time()),
            await open_report(settings, engine_address, stack),
            bare.prices,
            lambda name: capabilities(bare.upstreams[name].provider),
        )
        evaluations, feedback = make_desks(ground, hooks)
        services = ApiServices(
            keys=keys,
            accounts=accounts,
            traces=TraceLog(store.traces),
            configs=ConfigDesk(store.applications, registry, expect=make_expect(router)),
            routes=saved,
            requests=store.requests,
            catalog=models,
            evaluations=evaluations,
            webhooks=hooks,
            feedback=feedback,
            settled=lambda application, intent: registry.defaults(application, intent).config,
            asker=judging.court.asker,
            cache=make_desk(ground, cache),
            memories=memory.desk,
            sessions=memory.session_desk,
            documents=context,
            receipts=receipts,
        )
        routes = [
            *health_routes(partial(_readiness, store, ledger), metrics),
            *models.routes(),
            *ScalePages(models, time.time()).routes(),
            *ReceiptPages(receipts).routes(),
            *Submissions(house, _limits(settings).max_body).routes(),
            *MaitaiRoutes(house, _limits(settings).max_body).routes(),
            *push.routes(),
            *ContextRoutes(context, shelf).routes(),
            *PublicRoutes(store.requests, registry, models, store.feedback).routes(),
            *portkey_routes(prompts, saved, [*settings.providers], store.feedback, store.requests),
            *Telemetry(store.traces.put, _limits(settings).max_body).routes(),
            page_route(),
            *api_routes(services),
        ]
        surfaces = Surfaces(maitai_surface(shelf), *prompt_surfaces(prompts, SURFACES["/v1/chat/completions"]))
        later = Later(evaluations)
        calls = Calls(house, keyring, _limits(settings), surfaces, later, prove=receipts is not None)
        yield make_app(calls, routes, keyring, surfaces)


async def _open_bare(
    settings: Settings,
    engine_address: str | None,
    stack: AsyncExitStack,
    registry: Registry,
    router: Router,
    hosts: CustomHosts,
    ledger: Books,
    metrics: Metrics,
) -> House:
    """The house without rooms that remember, judge or cache: a call comes in, a model answers, a record is kept."""
    prices = asyncio.create_task(load_soon(), name="prices")
    stack.callback(prices.cancel)
    upstreams = await open_upstreams(settings, make_providers(settings, engine_address), stack)
    abroad = await stack.enter_async_context(HttpClient(proxies=settings.proxies))
    return House(
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


async def _in_turn(*steps: Callable[[], Awaitable[None]]) -> None:
    for step in steps:
        await step()


def _limits(settings: Settings) -> CallLimits:
    return CallLimits(
        max_body=parse_size(settings.server.max_body),
        max_concurrent=settings.server.max_concurrent,
        timeout=settings.server.timeout,
        ping=settings.server.ping,
    )


def _counted(ledger: Ledger) -> dict[str, int]:
    return {name: int(value) for name, value in structs.asdict(ledger.stats()).items()}


async def _readiness(store: Store, ledger: Ledger) -> dict[str, Any]:
    """Calls are answered even while the store is away, since records wait in the spool; so only its absence shows."""
    return {"store": {"ready": True, "away": ledger.stats().away}}

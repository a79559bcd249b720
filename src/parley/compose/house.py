"""The house: the cellar, the bare house, its rooms and its doors opened in order, and closed in the opposite one."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from msgspec import structs

from parley.accounts.admin import AdminKey, keep_admin_key
from parley.accounts.applications import Registry
from parley.accounts.changes import Changes
from parley.accounts.file_configs import said_by, take_over
from parley.accounts.first_uses import FirstUses
from parley.accounts.key_desk import KeyDesk
from parley.accounts.keys import Keyring
from parley.compose.accounts import make_gate, start_gate
from parley.compose.bare import open_bare
from parley.compose.cellar import open_cellar
from parley.compose.doors import open_doors
from parley.compose.engine import open_report
from parley.compose.ground import Ground
from parley.compose.rooms import furnished, open_rooms
from parley.compose.routing import make_catalog, make_known
from parley.compose.tracing import open_export
from parley.jobs.worker import Worker
from parley.pipeline.errands import Errands
from parley.pipeline.stages.admit import Charging
from parley.pipeline.stages.record import mark_trace
from parley.providers.capabilities import capabilities
from parley.routing.custom_hosts import CustomHosts
from parley.routing.router import Router
from parley.routing.saved import SavedConfigs
from parley.server.asgi import App
from parley.server.maitai.push import ConfigPush
from parley.server.metrics import Metrics
from parley.server.models import ModelList
from parley.settings import Settings
from parley.store import Ledger, Store


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
        store, ledger = await open_cellar(settings, data, shared, stack)
        keyring, registry = Keyring((admin.key,)), await _open_registry(settings, store, stack)
        gate, accounts = make_gate(store)
        keys = KeyDesk(store.keys, keyring, tell=gate.hold_keys)
        await keep_admin_key(store.keys, admin)
        catalog, hosts = make_catalog(settings), CustomHosts(settings.server.custom_hosts)
        router = Router(catalog, make_known(settings, catalog, hosts), random.Random(), time.monotonic())  # noqa: S311
        saved = SavedConfigs(store.configs, router, settings.routes)
        books, exporter = await open_export(settings, ledger, stack)
        exported = dict if exporter is None else exporter.counted
        metrics = Metrics(partial(_counted, ledger), shared, lambda: router.targets(time.monotonic()), exported)
        bare = await open_bare(
            settings, engine_address, stack, registry=registry, router=router, hosts=hosts, ledger=books, meter=metrics
        )
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
        push = ConfigPush(keyring)
        ground.watched.update(keys=keys.refresh, configs=saved.refresh, accounts=gate.refresh)
        ground.watched.update(applications=partial(_in_turn, registry.refresh, push.changed))
        ground.afterthoughts.extend((Charging(gate, bare.prices), mark_trace))
        await start_gate(gate, stack)
        rooms = await open_rooms(ground)
        worker = Worker(store.jobs, ground.handlers)
        rooms.judging.watch(worker)
        metrics.judged, metrics.owed = rooms.judging.counted, rooms.judging.owed
        house = furnished(structs.replace(bare, gate=gate), ground, rooms, worker)
        for started in (Changes(store.revisions, ground.watched), worker, metrics):
            await started.start()
            stack.push_async_callback(started.stop)
        inside = await open_report(settings, engine_address, stack)
        able = lambda name: capabilities(bare.upstreams[name].provider)  # noqa: E731
        models = ModelList(router, int(time.time()), inside, bare.prices, able)
        yield open_doors(
            ground,
            rooms,
            house,
            keys=keys,
            accounts=accounts,
            saved=saved,
            models=models,
            metrics=metrics,
            push=push,
        )


async def _open_registry(settings: Settings, store: Store, stack: AsyncExitStack) -> Registry:
    """What applications and intents settle, with what the file says taken over; it notes their first uses."""
    first_uses = FirstUses(store.applications)
    await take_over(store.applications, said_by(settings.applications))
    await first_uses.start()
    stack.push_async_callback(first_uses.stop)
    return Registry(store.applications, first_use=first_uses.note)


async def _in_turn(*steps: Callable[[], Awaitable[None]]) -> None:
    for step in steps:
        await step()


def _counted(ledger: Ledger) -> dict[str, int]:
    return {name: int(value) for name, value in structs.asdict(ledger.stats()).items()}

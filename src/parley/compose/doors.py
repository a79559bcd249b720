"""The doors: the paths that take calls, probes, the list of models, and, when the gateway is up, everything else."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

from starlette.routing import BaseRoute

from parley.accounts.account_desk import AccountDesk
from parley.accounts.key_desk import KeyDesk
from parley.compose.ground import Ground
from parley.compose.rooms import Rooms
from parley.evaluation.desk import EvaluationDesk
from parley.pipeline.house import House
from parley.routing.saved import SavedConfigs
from parley.server.app import Pages, make_app
from parley.server.asgi import App
from parley.server.calls import Calls, Limits
from parley.server.health import health_routes
from parley.server.later import Later
from parley.server.maitai.push import ConfigPush
from parley.server.maitai.shelf import Shelf
from parley.server.maitai.surface import maitai_surface
from parley.server.metrics import Metrics
from parley.server.models import ModelList
from parley.server.portkey.prompts import prompt_surfaces
from parley.server.surfaces import SURFACES, Surfaces
from parley.settings import Settings
from parley.settings.check import parse_size
from parley.store import Ledger, Store

SOON = 0.3
"""Seconds after the start when what no call needs is loaded, unless somebody asks for it before."""


def open_doors(
    ground: Ground,
    rooms: Rooms,
    house: House,
    *,
    keys: KeyDesk,
    accounts: AccountDesk,
    saved: SavedConfigs,
    models: ModelList,
    metrics: Metrics,
    push: ConfigPush,
) -> App:
    """The whole application."""
    store, settings = ground.store, ground.settings
    evaluations, shelf = EvaluationDesk(store.evaluations, store.requests, store.jobs), Shelf(ground.data / "files")
    surfaces = Surfaces(maitai_surface(shelf), *prompt_surfaces(rooms.prompts, SURFACES["/v1/chat/completions"]))
    proving = rooms.receipts is not None
    calls = Calls(house, ground.keyring, _limits(settings), surfaces, Later(evaluations), prove=proving)
    first = [
        *health_routes(partial(_readiness, store, ground.ledger), metrics),
        *models.routes(),
        *push.routes(),
    ]

    def rest() -> Sequence[BaseRoute]:
        pages = import_module("parley.compose.pages")
        behind = pages.Behind(
            ground=ground,
            rooms=rooms,
            house=house,
            keys=keys,
            accounts=accounts,
            saved=saved,
            models=models,
            evaluations=evaluations,
            shelf=shelf,
        )
        made: Sequence[BaseRoute] = pages.make_pages(behind)
        return made

    pages = Pages(first, rest)
    pages.load_in(SOON)
    ground.stack.callback(pages.close)
    return make_app(calls, pages, ground.keyring, surfaces)


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_body=parse_size(settings.server.max_body),
        max_concurrent=settings.server.max_concurrent,
        timeout=settings.server.timeout,
        ping=settings.server.ping,
    )


async def _readiness(store: Store, ledger: Ledger) -> dict[str, Any]:
    """Calls are answered even while the store is away, since records wait in the spool; so only its absence shows."""
    return {"store": {"ready": True, "away": ledger.stats().away}}

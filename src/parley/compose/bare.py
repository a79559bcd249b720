"""The bare house: a call comes in, a model answers, a record is kept; nothing is remembered, judged or cached."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from parley.accounts.applications import Registry
from parley.accounts.prices import Prices, load_soon
from parley.compose.engine import ENGINE_NAME
from parley.compose.providers import make_guest, make_providers, open_upstreams
from parley.pipeline.house import House, Ledger, Meter
from parley.providers.guests import Guests
from parley.routing.custom_hosts import CustomHosts
from parley.routing.router import Router
from parley.settings import Settings
from parley.wire.http import HttpClient


async def open_bare(
    settings: Settings,
    engine_address: str | None,
    stack: AsyncExitStack,
    *,
    registry: Registry,
    router: Router,
    hosts: CustomHosts,
    ledger: Ledger,
    meter: Meter,
) -> House:
    """The house with its upstreams connected, and every room that it can do without left out."""
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
        meter=meter,
        keep_content=settings.store.content,
    )

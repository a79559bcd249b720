"""What calls cost. The price list is looked up once per provider and model, and loaded when the gateway is up."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib import import_module

from parley.accounts.rates import FREE, Facts, Price, Rates
from parley.core.reply import Usage

FRESH = 300.0
"""Seconds for which rates hold; some providers charge by the time of day."""
MOST = 10_000

NAMES = {
    "zhipu": "zhipuai",
    "moonshot": "moonshotai",
    "gemini": "google",
    "vertex": "google",
    "bedrock": "aws",
    "xai": "x-ai",
}
"""Our names of providers where the price list has another (genai-prices 0.2, 2026-10)."""


class Prices:
    """The price list. `own` providers cost nothing; `addresses` (provider to base URL) help where a name is unknown."""

    def __init__(
        self,
        own: Iterable[str] = ("engine",),
        addresses: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own = frozenset(own)
        self._addresses = dict(addresses or {})
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, Price | None]] = {}

    def cost(self, provider: str, model: str, usage: Usage | None) -> float | None:
        """US dollars for `usage` of `model` at `provider`; None where the price or the usage is not known."""
        if usage is None:
            return None
        known = self._known.get((provider, model))
        if known is None or known[0] <= self._clock():
            known = self._look_up(provider, model)
        price = known[1]
        return None if price is None else price.cost(usage)

    def describe(self, provider: str, model: str) -> tuple[int | None, Rates | None]:
        """How many tokens a model at a provider can hold, and its rates; None where that is not known.

        Loads the price list, which takes a tenth of a second the first time: call it in a thread.
        """
        if provider in self._own:
            return None, FREE
        at = datetime.fromtimestamp(self._clock(), UTC)
        facts = load_facts()(model, NAMES.get(provider, provider), self._addresses.get(provider), at)
        return facts.context, facts.rates

    def _look_up(self, provider: str, model: str) -> tuple[float, Price | None]:
        if len(self._known) >= MOST:
            self._known.clear()
        now = self._clock()
        price = FREE if provider in self._own else self._find(provider, model, datetime.fromtimestamp(now, UTC))
        known = self._known[(provider, model)] = (now + FRESH, price)
        return known

    def _find(self, provider: str, model: str, at: datetime) -> Price | None:
        find = load()
        price = find(model, NAMES.get(provider, provider), None, at)
        return price or find(model, None, self._addresses.get(provider), at)


Find = Callable[[str, str | None, str | None, datetime], Price | None]


def load_facts() -> Callable[[str, str, str | None, datetime], Facts]:
    """The list's facts of a model, loaded as by `load`."""
    facts: Callable[[str, str, str | None, datetime], Facts] = import_module("parley.accounts.price_list").facts
    return facts


def load() -> Find:
    """Loads the list, which takes a tenth of a second the first time: not what a start should wait for."""
    find: Find = import_module("parley.accounts.price_list").find
    return find


async def load_soon(after: float = 0.3) -> None:
    """Loads the list in a thread, `after` seconds from now, so that no call has to wait for it."""
    await asyncio.sleep(after)
    await asyncio.to_thread(load)
    gc.freeze()  # its many objects stay as long as the process: the collector need not look through them

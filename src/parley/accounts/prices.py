"""What tokens cost, from the price list that genai-prices carries with it; nothing is asked of the network.

The list is looked up once per provider and model. Most prices are plain rates per kind of token: those are read off
once as numbers. A price with tiers is left to the library (60 us a call instead of 1).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from genai_prices import Usage as Counted
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice, TieredPrices
from msgspec import Struct

from parley.core.reply import Usage

MILLION = 1_000_000
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


class Rates(Struct, frozen=True):
    """US dollars per token, and per request."""

    request: float
    prompt: float
    cached: float
    written: float
    completion: float

    def cost(self, usage: Usage) -> float:
        """US dollars; cached and cache-written tokens are parts of the prompt's."""
        plain = usage.prompt_tokens - usage.cached_tokens - usage.cache_write_tokens
        return (
            self.request
            + max(plain, 0) * self.prompt
            + usage.cached_tokens * self.cached
            + usage.cache_write_tokens * self.written
            + usage.completion_tokens * self.completion
        )


FREE = Rates(0.0, 0.0, 0.0, 0.0, 0.0)


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
        self._known: dict[tuple[str, str], tuple[float, Rates | ModelPrice | None]] = {}

    def cost(self, provider: str, model: str, usage: Usage | None) -> float | None:
        """US dollars for `usage` of `model` at `provider`; None where the price or the usage is not known."""
        if usage is None:
            return None
        known = self._known.get((provider, model))
        if known is None or known[0] <= self._clock():
            known = self._look_up(provider, model)
        price = known[1]
        if price is None:
            return None
        return price.cost(usage) if isinstance(price, Rates) else _total(price, usage)

    def _look_up(self, provider: str, model: str) -> tuple[float, Rates | ModelPrice | None]:
        if len(self._known) >= MOST:
            self._known.clear()
        now = self._clock()
        price = None if provider in self._own else self._find(provider, model, datetime.fromtimestamp(now, UTC))
        rates = FREE if provider in self._own else price and (_rates(price) or price)
        known = self._known[(provider, model)] = (now + FRESH, rates)
        return known

    def _find(self, provider: str, model: str, at: datetime) -> ModelPrice | None:
        address = self._addresses.get(provider)
        for id, url in ((NAMES.get(provider, provider), None), (None, address)):
            if id is None and url is None:
                continue
            try:
                return get_snapshot().find_provider_model(model, None, id, url)[1].get_prices(at)
            except LookupError:
                continue
        return None


def _rates(price: ModelPrice) -> Rates | None:
    """The price as plain rates, read off at four points; None where it has tiers."""
    if any(isinstance(value, TieredPrices) for value in vars(price).values()):
        return None
    request = _total(price, Usage())
    points = (
        Usage(prompt_tokens=MILLION),
        Usage(prompt_tokens=MILLION, cached_tokens=MILLION),
        Usage(prompt_tokens=MILLION, cache_write_tokens=MILLION),
        Usage(completion_tokens=MILLION),
    )
    return Rates(request, *((_total(price, point) - request) / MILLION for point in points))


def _total(price: ModelPrice, usage: Usage) -> float:
    counted = Counted(
        input_tokens=max(usage.prompt_tokens, usage.cached_tokens + usage.cache_write_tokens),
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.completion_tokens,
    )
    return float(price.calc_price(counted)["total_price"])

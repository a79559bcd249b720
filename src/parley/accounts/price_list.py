"""The price list that genai-prices carries with it; nothing is asked of the network.

Most prices are plain rates per kind of token: those are read off once as numbers. A price with tiers is left to the
library (60 us a call instead of 1).
"""

from datetime import datetime

from genai_prices import Usage as Counted
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice, TieredPrices
from msgspec import Struct

from parley.accounts.rates import Facts, Price, Rates
from parley.core.reply import Usage

MILLION = 1_000_000


class Tiers(Struct, frozen=True):
    """A price whose rates depend on how many tokens there are."""

    price: ModelPrice

    def cost(self, usage: Usage) -> float:
        """US dollars for `usage`."""
        return _total(self.price, usage)


def find(model: str, provider: str | None, address: str | None, at: datetime) -> Price | None:
    """The price of `model` at a provider that is known by name or by its address; None where the list has none."""
    if provider is None and address is None:
        return None
    try:
        price = get_snapshot().find_provider_model(model, None, provider, address)[1].get_prices(at)
    except LookupError:
        return None
    return _rates(price) or Tiers(price)


def facts(model: str, provider: str, address: str | None, at: datetime) -> Facts:
    """What is known of `model` at a provider; nothing where the list does not have it."""
    for name, place in ((provider, None), (None, address)):
        try:
            found = get_snapshot().find_provider_model(model, None, name, place)[1]
        except LookupError:
            continue
        return Facts(context=found.context_window, rates=_rates(found.get_prices(at)))
    return Facts()


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

"""What a token costs: a price as plain rates, and what every price can do."""

from typing import Protocol

from msgspec import Struct

from parley.core.reply import Usage


class Price(Protocol):
    """What a model's tokens cost."""

    def cost(self, usage: Usage) -> float:
        """US dollars for `usage`."""


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


class Facts(Struct, frozen=True, kw_only=True):
    """What a price list says of a model: the tokens that it holds, and its price where that is plain rates."""

    context: int | None = None
    rates: Rates | None = None

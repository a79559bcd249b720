"""Asks a model for facts or summaries in the way that it takes: what it refuses by name is left out from then on."""

from typing import Any

from msgspec import structs

from parley.core.asks import Chat
from parley.core.call import Whose
from parley.core.errors import BadRequest, GatewayError, UpstreamRefused
from parley.memory.ports import Models, Said

SPOKEN_OF = {
    "temperature": ("temperature",),
    "response_format": ("response_format", "json_schema"),
    "max_tokens": ("max_tokens",),
}
"""Fields that some models refuse (2026-08), and the words by which their refusals name them."""
HELD = 256
"""Models whose refusals are remembered."""


class Asking:
    """What each model does not take."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._refused: dict[str, frozenset[str]] = {}

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Said:
        """The answer to `chat`, without what the model refuses. Raises GatewayError."""
        model = chat.model or ""
        while True:
            refused = self._refused.get(model, frozenset())
            try:
                return await self._models.chat(_without(chat, refused), whose, purpose, deadline)
            except (BadRequest, UpstreamRefused) as error:
                named = _named(error) - refused
                if error.status not in (400, 422) or not named:
                    raise
                if len(self._refused) >= HELD:
                    self._refused.clear()
                self._refused[model] = refused | named


def _without(chat: Chat, refused: frozenset[str]) -> Chat:
    changes: dict[str, Any] = dict.fromkeys(refused)
    if "max_tokens" in refused:
        changes["max_completion_tokens"] = chat.max_tokens
    return structs.replace(chat, **changes) if changes else chat


def _named(error: GatewayError) -> frozenset[str]:
    said = f"{error.param or ''} {error.message}"
    return frozenset(field for field, words in SPOKEN_OF.items() if any(word in said for word in words))

"""What the cache needs of others: a durable store, vectors of texts, and a judge where one is wanted."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from parley.core.enclosures import CachedAnswer


class AnswerStore(Protocol):
    """Answers at rest, which all workers share."""

    async def newest(self, key: str, now: float) -> CachedAnswer | None:
        """The answer that counts for this key, unless it is too old. Raises GatewayError."""

    async def of_scope(self, scope: str, since: float, now: float, most: int) -> list[CachedAnswer]:
        """Questions that were answered within a scope after `since`, newest last, without their replies."""

    async def used(self, at: Mapping[str, float]) -> None:
        """Notes when answers were last given, by id."""

    async def trim(self, now: float, most: int, largest: int) -> int:
        """Removes what is old or replaced and, least used first, what is beyond `most` entries or `largest` bytes."""

    async def replaced(self) -> None:
        """Tells every worker that an answer was replaced."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    async def embed(self, texts: Sequence[str], deadline: float | None = None) -> Sequence[Sequence[float]]:
        """One vector per text. Raises GatewayError."""


class Confirm(Protocol):
    """A judge of whether two questions have the same answer."""

    async def __call__(self, asked: str, answered: str) -> bool:
        """Whether they surely have. Raises GatewayError."""

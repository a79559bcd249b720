"""Finds the answer to the same question in other words; what it takes is loaded when the first request wants that."""

import asyncio
from importlib import import_module
from typing import Protocol

from parley.cache.key import Question
from parley.cache.ports import AnswerStore, Confirm, Embedder
from parley.core.enclosures import CachedAnswer

PATIENCE = 2.0
"""Seconds that a request waits for the vector of its question; without one it is compared by its words."""


class Finder(Protocol):
    """What compares questions."""

    async def find(self, question: Question, now: float) -> str | None:
        """The key of the same question that was answered before."""

    def vector(self, question: Question) -> bytes | None:
        """The vector of a question that was looked for."""

    def add(self, row: CachedAnswer) -> None:
        """Takes a question in."""

    def clear(self) -> None:
        """Forgets every question."""


class Sense:
    """The finder, once it is wanted: its word lists and numpy take a moment to load."""

    def __init__(
        self, store: AnswerStore, embedder: Embedder | None, name: str | None, confirm: Confirm | None, most: int
    ) -> None:
        """`name` is the embedder's; `most` is how many questions of one scope are compared."""
        self.embedder = name
        self._made_of = (store, embedder, name, confirm, most)
        self._finder: Finder | None = None

    async def find(self, question: Question, now: float) -> str | None:
        """The key of the same question that was answered before. Raises GatewayError."""
        if self._finder is None:
            module = await asyncio.to_thread(import_module, "parley.cache.finding")
            self._finder = self._finder or module.QuestionFinder(*self._made_of)
        finder: Finder = self._finder
        return await finder.find(question, now)

    def vector(self, question: Question) -> bytes | None:
        """The vector of a question that was looked for: 16-bit floats, little-endian."""
        return None if self._finder is None else self._finder.vector(question)

    def add(self, row: CachedAnswer) -> None:
        """Takes in a question that was answered just now."""
        if self._finder is not None:
            self._finder.add(row)

    def clear(self) -> None:
        """Forgets every question; the store still has them."""
        if self._finder is not None:
            self._finder.clear()

"""Compares a question with those that were answered before: the nearest ones, each through the gate."""

import asyncio
import logging
from collections import OrderedDict

from parley.cache.key import Question
from parley.cache.meaning.gate import compare
from parley.cache.meaning.reading import read
from parley.cache.ports import AnswerStore, Confirm, Embedder
from parley.cache.scope import Scope, Vector, normal, stored
from parley.cache.sense import PATIENCE
from parley.core.enclosures import CachedAnswer
from parley.core.errors import GatewayError

log = logging.getLogger(__name__)

OVERLAP = 5.0
"""Seconds that are read again, for rows that were committed later than others made after them."""
SCOPES = 256
"""Scopes in memory at once; what was looked at least recently goes."""
LONGEST = 4000
"""Characters of a question that is compared; a longer one is only found by its key."""
MANY = 200
"""Rows that are taken in by a thread; fewer are by the event loop."""


class QuestionFinder:
    """Finds the same question in other words, among those of its scope."""

    def __init__(
        self, store: AnswerStore, embedder: Embedder | None, name: str | None, confirm: Confirm | None, most: int
    ) -> None:
        """As `Sense`."""
        self._store = store
        self._embedder = embedder
        self._name = name
        self._confirm = confirm
        self._most = most
        self._scopes: OrderedDict[str, Scope] = OrderedDict()
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._lock = asyncio.Lock()

    async def find(self, question: Question, now: float) -> str | None:
        """The key of the same question that was answered before. Raises GatewayError."""
        text, name = question.text, question.scope
        if text is None or name is None or not text.strip() or len(text) > LONGEST:
            return None
        vector, scope = await asyncio.gather(self._embedded(question.key, text), self._synced(name, now))
        for place in await asyncio.to_thread(_same, scope, text, vector):
            if self._confirm is None or await self._confirm(text, scope.texts[place]):
                return scope.keys[place]
        return None

    def vector(self, question: Question) -> bytes | None:
        """The vector of a question that was looked for."""
        vector = self._vectors.pop(question.key, None)
        return None if vector is None else stored(vector)

    def add(self, row: CachedAnswer) -> None:
        """Takes a question in, where its scope is in memory."""
        scope = self._scopes.get(row.scope or "")
        if scope is not None:
            seen = scope.seen
            scope.add(row, self._name)
            scope.seen = seen  # what others made meanwhile is still to be read

    def clear(self) -> None:
        """Forgets every question."""
        self._scopes.clear()

    async def _embedded(self, key: str, text: str) -> Vector | None:
        if self._embedder is None:
            return None
        try:
            deadline = asyncio.get_running_loop().time() + PATIENCE
            (values,) = await self._embedder.embed([text], deadline)
        except (GatewayError, ValueError) as error:
            log.warning("a question can not be embedded (%s); it is compared by its words", error)
            return None
        vector = self._vectors[key] = normal(values)
        if len(self._vectors) > SCOPES * 4:
            self._vectors.popitem(last=False)
        return vector

    async def _synced(self, name: str, now: float) -> Scope:
        """The scope with all that the store has of it."""
        async with self._lock:
            scope = self._scopes.get(name) or Scope()
            rows = await self._store.of_scope(name, scope.seen - OVERLAP, now, self._most)
            if len(rows) > MANY:
                await asyncio.to_thread(_take, scope, rows, self._name)
            else:
                _take(scope, rows, self._name)
            if len(scope) > 2 * self._most:
                scope = Scope()  # the next request reads the newest again
            self._scopes[name] = scope
            self._scopes.move_to_end(name)
            while len(self._scopes) > SCOPES:
                self._scopes.popitem(last=False)
            return scope


def _same(scope: Scope, text: str, vector: Vector | None) -> list[int]:
    """Places of the nearest questions that ask the same; in a thread, for it takes a millisecond or two."""
    near = scope.alike(text) if vector is None else scope.near(vector)
    asked = read(text)
    return [place for place in near if compare(asked, read(scope.texts[place])) is None]


def _take(scope: Scope, rows: list[CachedAnswer], name: str | None) -> None:
    for row in rows:
        scope.add(row, name)

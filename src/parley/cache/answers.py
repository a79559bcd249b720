"""The cache: answers in memory over answers in the store, found by key or by sense."""

import asyncio
import logging
import time

import msgspec
from msgspec import Struct, structs

from parley.cache.keeping import keepable
from parley.cache.key import Question
from parley.cache.ports import AnswerStore
from parley.cache.sense import Sense
from parley.cache.shelf import OPENAI, Kept, Shelf, kept
from parley.cache.wish import Wish
from parley.core.enclosures import CachedAnswer
from parley.core.errors import GatewayError
from parley.core.reply import Reply
from parley.core.route import Target

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a request waits for the store before it is asked of a model instead."""
LONGER = 12.0
"""The same, where a model may have to say whether two questions are the same."""
TENDED = 10.0
"""Seconds between two looks at what is old, replaced, or too much."""

_encode = msgspec.json.Encoder().encode


class Bounds(Struct, frozen=True, kw_only=True):
    """How much is kept: entries and bytes in the store, bytes in each worker's memory, bytes and seconds of one answer.

    `scope` is how many questions of one scope are compared with a new one.
    """

    entries: int = 100_000
    bytes: int = 1 << 30
    memory: int = 64 << 20
    answer: int = 1 << 20
    age: int = 604_800
    scope: int = 10_000


class Expected(Struct, frozen=True, kw_only=True):
    """An answer that is being waited for, to be kept."""

    question: Question
    wish: Wish


class AnswerCache:
    """Finds answers, and takes in those that are expected."""

    def __init__(self, store: AnswerStore, bounds: Bounds, sense: Sense) -> None:
        self._store = store
        self._bounds = bounds
        self._sense = sense
        self._shelf = Shelf(bounds.entries, bounds.memory)
        self._expected: dict[str, Expected] = {}
        self._used: dict[str, float] = {}
        self._generation = 0
        self._replaced = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # ---- finding

    async def find(self, question: Question, wish: Wish) -> Kept | None:
        """An answer to this question. Where the store does not answer in time, there is none."""
        now = time.time()
        here = self._shelf.get(question.key, now)
        if here is not None and (wish.semantic or not here.semantic):
            return self._given(here, now)
        try:
            async with asyncio.timeout(PATIENCE):
                here = await self._load(question.key, now)
            if here is None and wish.semantic and question.scope is not None:
                async with asyncio.timeout(LONGER):
                    here = await self._by_sense(question, now)
        except (GatewayError, TimeoutError) as error:
            log.warning("the cache can not be read (%s); a model is asked instead", error or type(error).__name__)
            return None
        return None if here is None else self._given(here, now)

    async def _by_sense(self, question: Question, now: float) -> Kept | None:
        generation = self._generation
        key = await self._sense.find(question, now)
        here = None if key is None else self._shelf.get(key, now) or await self._load(key, now)
        if here is None:
            return None
        found = structs.replace(here, key=question.key, semantic=True)
        if generation == self._generation:
            self._shelf.put(found)
        return found

    async def _load(self, key: str, now: float) -> Kept | None:
        generation = self._generation
        row = await self._store.newest(key, now)
        if row is None:
            return None
        try:
            entry = kept(row)
        except msgspec.MsgspecError:
            return None
        if generation == self._generation:  # else it may have been purged since it was read
            self._shelf.put(entry)
        return entry

    def _given(self, entry: Kept, now: float) -> Kept:
        self._used[entry.id] = now
        return entry

    # ---- keeping

    def expect(self, id: str, question: Question, wish: Wish) -> None:
        """The answer to this request is to be kept, if it turns out to be one to keep."""
        self._expected[id] = Expected(question=question, wish=wish)

    def hand_over(self, id: str, heir: str) -> None:
        """Another request goes on waiting for the answer that this one waited for."""
        expected = self._expected.pop(id, None)
        if expected is not None:
            self._expected[heir] = expected

    @property
    def waits(self) -> bool:
        """Whether any answer is waited for."""
        return bool(self._expected)

    def take(self, id: str, target: Target | None, reply: Reply | None) -> tuple[CachedAnswer, ...]:
        """What is to be committed with the end of a request; `reply` is None where its answer is none to keep."""
        expected = self._expected.pop(id, None)
        if expected is None or reply is None or target is None or not keepable(reply, expected.wish):
            return ()
        row = self._row(id, target, reply, expected)
        if row is None:
            return ()
        self._shelf.put(kept(row))
        self._sense.add(row)
        return (row,)

    def _row(self, id: str, target: Target, reply: Reply, expected: Expected) -> CachedAnswer | None:
        if reply.raw is not None and reply.raw.dialect not in OPENAI:
            reply = structs.replace(reply, raw=None)
        data, question, now = _encode(reply), expected.question, time.time()
        text = question.text if expected.wish.semantic and "\0" not in (question.text or "") else None
        if len(data) > self._bounds.answer:
            return None
        vector = self._sense.vector(question) if text is not None else None
        return CachedAnswer(
            id=id,
            key=question.key,
            created=now,
            expires=now + (expected.wish.max_age or self._bounds.age),
            used=now,
            size=len(data) + len(text or "") + len(vector or b""),
            account=question.account,
            application=question.application,
            namespace=question.namespace,
            user_id=question.user_id,
            model=target.model,
            provider=target.provider,
            upstream_model=target.upstream,
            reply=data,
            scope=question.scope if text is not None else None,
            question=text,
            embedder=self._sense.embedder if vector is not None else None,
            vector=vector,
        )

    # ---- tending

    async def refresh(self) -> None:
        """Forgets what is in memory: something was purged or replaced by some worker."""
        self._generation += 1
        self._shelf.clear()
        self._sense.clear()

    async def start(self) -> None:
        """Begins to tend the store."""
        self._task = asyncio.create_task(self._tend(), name="cache")

    async def stop(self) -> None:
        """Ends that, and writes down what was used last."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._flush()

    def replaced(self) -> None:
        """An answer was replaced in the store: the other workers will be told soon."""
        self._replaced.set()

    async def _tend(self) -> None:
        while True:
            try:
                async with asyncio.timeout(TENDED):
                    await self._replaced.wait()
            except TimeoutError:
                await self._flush()
                continue
            self._replaced.clear()
            try:
                async with asyncio.timeout(TENDED):
                    await self._store.replaced()
            except (GatewayError, TimeoutError):
                self._replaced.set()
                await asyncio.sleep(1)

    async def _flush(self) -> None:
        used, self._used = self._used, {}
        try:
            async with asyncio.timeout(TENDED):
                if used:
                    await self._store.used(used)
                await self._store.trim(time.time(), self._bounds.entries, self._bounds.bytes)
        except (GatewayError, TimeoutError) as error:
            log.warning("the cache can not be tended (%s)", error or type(error).__name__)

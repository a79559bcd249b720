"""One question at a model, and everybody who waits for its answer.

The question runs in a task of its own, so that whoever asked first may leave: it goes on while somebody waits, and is
cancelled when nobody does any more. Of a stream, every reader gets all events from the first one on.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from msgspec import structs

from parley.core.errors import CLIENT_LEFT
from parley.core.fold import Fold
from parley.core.reply import Event, Reply
from parley.pipeline.asking import release
from parley.pipeline.house import Answer, Events

AHEAD = 1024
"""Batches that may be read from the upstream before the fastest reader has taken them."""

Inherit = Callable[[str, str], None]
"""Told of the request that left, and of the one that the answer belongs to from now on."""


class Shared:
    """A question that is being answered, for requests by id. Whoever joins has to leave, once.

    `owner` is the request that the answer belongs to: it pays for it, and keeps it.
    """

    def __init__(self, owner: str, asking: Coroutine[Any, Any, Answer], inherit: Inherit) -> None:
        self.owner = owner
        self._inherit = inherit
        self._present: list[str] = [owner]
        self._batches: list[list[Event]] = []
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        self._ended = False
        self._taken = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self.task = asyncio.create_task(self._run(asking), name=f"shared {owner}")

    def join(self, id: str) -> None:
        """One more is interested."""
        self._present.append(id)

    def leave(self, id: str) -> None:
        """One less is. The last one ends the question; after the owner another one owns it, unless it is over."""
        self._present.remove(id)
        if self._ended or self._error is not None:
            return
        if not self._present:
            self.task.cancel(CLIENT_LEFT)
        elif id == self.owner:
            self.owner = self._present[0]
            self._inherit(id, self.owner)

    async def answer(self) -> Answer:
        """The answer, as soon as it begins; a stream is read from `events`. Raises what the asking raised."""
        while self._answer is None and self._error is None:
            await self._change()
        if self._answer is None:
            assert self._error is not None
            raise self._error
        return self._answer

    async def events(self) -> AsyncGenerator[list[Event], None]:
        """The stream from its beginning. Raises what cut it."""
        read = 0
        while True:
            while read < len(self._batches):
                read += 1
                self._taken = max(self._taken, read)
                yield self._batches[read - 1]
            if self._error is not None:
                raise self._error
            if self._ended:
                return
            self._wake()  # the upstream may be read on
            await self._change()

    async def whole(self, id: str, created: int) -> Reply:
        """The reply, once all of it is there. Raises what cut it."""
        answer = await self.answer()
        if answer.reply is not None:
            return answer.reply
        fold = Fold()
        async with aclosing(self.events()) as events:
            async for batch in events:
                for event in batch:
                    fold.add(event)
        return fold.reply(id=id, model=answer.target.upstream, created=created)

    async def _run(self, asking: Coroutine[Any, Any, Answer]) -> None:
        try:
            answer = await asking
            self._answer = structs.replace(answer, permit=None)
            self._wake()
            if answer.events is not None:
                await self._read(answer, answer.events)
            self._ended = True
        except Exception as error:
            self._error = error
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._wake()

    async def _read(self, answer: Answer, events: Events) -> None:
        permit = answer.permit
        try:
            async with aclosing(events):
                async for batch in events:
                    self._batches.append(batch)
                    self._wake()
                    while len(self._batches) - self._taken > AHEAD:
                        await self._change()
        except BaseException as error:
            if permit is not None:
                release(permit, error)
            raise
        if permit is not None:
            permit.close()

    async def _change(self) -> None:
        change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(change)
        try:
            await change
        finally:
            self._waiting.discard(change)

    def _wake(self) -> None:
        for change in self._waiting:
            if not change.done():
                change.set_result(None)

"""Streams of chunks that know which request they answer, and that tell when they have ended."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, closing
from typing import Any, cast

from openai import AsyncStream, Stream

from parley_client.results import Chunk, Evaluation


class Streamed:
    """What sync and async streams share: what has come so far, and who is told, once, when it ends."""

    response: Any
    evaluation: Evaluation | None = None
    """What came with the last chunk; None before, and where the answer is judged afterwards."""
    complete: bool = False
    """Whether it came to its end, and was not closed, let go or cut before."""
    first_at: float | None = None
    """When the first chunk came (`time.perf_counter()`)."""
    _kept: list[Chunk] | None = None
    _hides_usage: bool = False
    _id: str | None = None
    _ended: bool = False
    _told: tuple[Callable[[], None], ...] = ()

    @property
    def request_id(self) -> str | None:
        """The id under which Parley keeps the request."""
        found: str | None = self._id or self.response.headers.get("x-request-id")
        return found

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Calls `tell` when the stream runs out, is closed, fails or is let go; at once if it has ended."""
        if self._ended:
            tell()
        else:
            self._told += (tell,)

    def keep(self, request_id: str, *, hide_usage: bool) -> list[Chunk]:
        """The list that will hold its chunks; `hide_usage`: the one with nothing but usage is not shown."""
        self._id, self._hides_usage, self._kept = request_id, hide_usage, []
        return self._kept

    def _shown(self, chunk: Chunk) -> bool:
        """Takes note of a chunk; whether the caller is to see it."""
        if self.first_at is None:
            self.first_at = time.perf_counter()
        if chunk.evaluation is not None:
            self.evaluation = chunk.evaluation
        if self._kept is None:
            return True
        self._kept.append(chunk)
        chunk._request_id = self._id
        return bool(chunk.choices) or not self._hides_usage

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            for tell in self._told:
                tell()


class ChunkStream(Stream[Chunk], Streamed):
    """A streamed answer."""

    def __stream__(self) -> Iterator[Chunk]:
        try:
            with closing(cast(Any, super().__stream__())) as chunks:
                yield from filter(self._shown, chunks)
            self.complete = True
        finally:
            self._end()

    def close(self) -> None:
        """Closes the response: for Parley and the provider, the request is over."""
        super().close()
        self._end()


class AsyncChunkStream(AsyncStream[Chunk], Streamed):
    """A streamed answer, for asyncio."""

    async def __stream__(self) -> AsyncIterator[Chunk]:
        try:
            async with aclosing(cast(AsyncGenerator[Chunk, None], super().__stream__())) as chunks:
                async for chunk in chunks:
                    if self._shown(chunk):
                        yield chunk
            self.complete = True
        finally:
            self._end()

    async def close(self) -> None:
        """Closes the response: for Parley and the provider, the request is over."""
        await super().close()
        self._end()

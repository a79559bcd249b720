"""Runs the choices of one request, each in a slot of its own, and merges what they say into one stream."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from parley.engine.process.generate import Chunk, generate
from parley.engine.process.load import Model

Said = tuple[int, Chunk]


async def one(model: Model, index: int, body: dict[str, Any]) -> AsyncGenerator[Said, None]:
    """Wait for a slot and generate one choice."""
    async with model.admission.slot(), aclosing(generate(model.server, model.threads, body)) as chunks:
        async for chunk in chunks:
            yield index, chunk


async def run(model: Model, bodies: list[dict[str, Any]]) -> AsyncGenerator[Said, None]:
    """All choices; at most as many at once as the model has slots. Leaving the iterator stops them all."""
    if len(bodies) == 1:
        async with aclosing(one(model, 0, bodies[0])) as only:
            async for pair in only:
                yield pair
        return
    merged: asyncio.Queue[Said | BaseException | None] = asyncio.Queue(maxsize=64)
    turns = asyncio.Semaphore(model.slots)

    async def speak(index: int, body: dict[str, Any]) -> None:
        try:
            async with turns, aclosing(one(model, index, body)) as said:
                async for pair in said:
                    await merged.put(pair)
            await merged.put(None)
        except Exception as error:
            await merged.put(error)

    speakers = [asyncio.create_task(speak(index, body)) for index, body in enumerate(bodies)]
    try:
        left = len(speakers)
        while left:
            item = await merged.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                left -= 1
            else:
                yield item
    finally:
        for speaker in speakers:
            speaker.cancel()
        await asyncio.gather(*speakers, return_exceptions=True)

"""An answer that is given again: under a new identity, whole or as a stream, as it is asked for."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from msgspec import structs

from parley.core.call import Call
from parley.core.fold import unfold
from parley.core.reply import Event, Reply
from parley.core.route import Target
from parley.pipeline.house import Answer, Events

CACHE = {"system_fingerprint": "cache"}
"""What tells a client that the answer was not made for it."""


def identity(call: Call) -> str:
    """The id of an answer that Parley itself gives."""
    return f"chatcmpl-{call.id}"


def again(reply: Reply, target: Target, call: Call, status: str) -> Answer:
    """`reply`, which has its new identity, as the call wants it."""
    if not getattr(call.ask, "stream", None):
        return Answer(target=target, reply=reply, cache=status)
    events = [structs.replace(event, notes={**(event.notes or {}), **CACHE}) for event in unfold(reply)]
    return Answer(target=target, events=_stream(events), cache=status)


async def _stream(events: list[Event]) -> AsyncGenerator[list[Event], None]:
    yield events


async def relayed(events: Events, call: Call) -> AsyncGenerator[list[Event], None]:
    """Events of another call's stream for this one."""
    id = identity(call)
    async with aclosing(events):
        async for batch in events:
            yield [structs.replace(one, id=id, raw=None, notes={**(one.notes or {}), **CACHE}) for one in batch]

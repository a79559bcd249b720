"""Equal calls at the same time: the first one asks, the others wait for its answer.

Who leaves harms nobody else: the answer then belongs to the next who waits. Where the asking fails, one of those who
waited asks again; where that fails too, each of the others asks for itself.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, Protocol

from msgspec import Struct, structs

from parley.cache.answers import AnswerCache
from parley.cache.keeping import keepable
from parley.cache.key import Question
from parley.cache.wish import Status, Wish
from parley.core.call import Call
from parley.core.errors import GatewayError, UpstreamTimedOut
from parley.core.reply import Event
from parley.core.route import Target
from parley.pipeline.again import again, identity, relayed
from parley.pipeline.house import Answer
from parley.pipeline.sharing import Shared
from parley.routing.plan import MAY_DO_BETTER

TRIES = 2
"""How often a call waits for another one's answer before it asks for itself."""


class Line(Protocol):
    """A call's line in the books."""

    def tried(self, target: Target) -> None:
        """Notes who was asked."""

    def given(self, target: Target) -> None:
        """Notes that the answer was made for another call."""

    def pays(self) -> None:
        """Notes that the answer belongs to this call after all."""

    def after(self, then: Callable[[], None]) -> None:
        """Runs `then` once the record is committed."""


class Passenger(Struct, frozen=True, kw_only=True, eq=False):
    """A call on its way to a model; `missed` is what it is told of the cache."""

    call: Call
    entry: Line
    question: Question
    wish: Wish
    missed: Status
    asking: Callable[[], Coroutine[Any, Any, Answer]]


async def alone(who: Passenger, cache: AnswerCache) -> Answer:
    """The answer to this call, which nobody else waits for. Raises GatewayError."""
    refresh = who.missed == "REFRESH"
    cache.expect(who.call.id, who.question, who.wish)
    if refresh:
        who.entry.after(cache.replaced)
    return structs.replace(await who.asking(), cache=who.missed)


async def together(who: Passenger, cache: AnswerCache, flights: dict[str, Any]) -> Answer:
    """The answer, asked for once for all equal calls; `flights` holds what is being asked. Raises GatewayError."""
    key = who.question.key
    for _ in range(TRIES):
        flight: Shared | None = flights.get(key)
        if flight is None:
            return await _lead(who, cache, flights)
        try:
            answer = await _follow(who, flight)
        except GatewayError as error:
            if error.status not in MAY_DO_BETTER:
                raise
            if flights.get(key) is flight:
                del flights[key]  # the first one to get here asks again
        else:
            if answer is None:
                break
            return answer
    return await alone(who, cache)


async def _lead(who: Passenger, cache: AnswerCache, flights: dict[str, Any]) -> Answer:
    id, key = who.call.id, who.question.key
    cache.expect(id, who.question, who.wish)
    flight = flights[key] = Shared(id, who.asking(), cache.hand_over)
    flight.task.add_done_callback(lambda _: flights.pop(key) if flights.get(key) is flight else None)
    try:
        answer = await flight.answer()
    except BaseException:
        flight.leave(id)
        raise
    if answer.events is not None:
        return structs.replace(answer, events=_read(flight, id), cache=who.missed)
    flight.leave(id)
    return structs.replace(answer, cache=who.missed)


async def _follow(who: Passenger, flight: Shared) -> Answer | None:
    """The other's answer; None where it is none to share. Raises GatewayError."""
    id = who.call.id
    flight.join(id)
    stays = False
    try:
        async with asyncio.timeout_at(who.call.deadline):
            answer = await flight.answer()
            if answer.events is not None and getattr(who.call.ask, "stream", None):
                stays = True
            else:
                return await _whole(who, flight, answer)
    except TimeoutError:
        raise UpstreamTimedOut("The answer did not come within the time of the request.") from None
    finally:
        if not stays:
            flight.leave(id)
    _note(who, flight, answer)
    return structs.replace(answer, events=relayed(_read(flight, id, who), who.call), cache="HIT", fallback_reason=None)


async def _whole(who: Passenger, flight: Shared, answer: Answer) -> Answer | None:
    reply = await flight.whole(identity(who.call), int(who.call.received))
    if flight.owner != who.call.id and not keepable(reply, who.wish):
        return None
    _note(who, flight, answer)
    status = who.missed if flight.owner == who.call.id else "HIT"
    notes = {**(reply.notes or {}), "system_fingerprint": "cache"}
    named = structs.replace(reply, id=identity(who.call), raw=None, notes=notes)
    return again(named, answer.target, who.call, status)


async def _read(flight: Shared, id: str, who: Passenger | None = None) -> AsyncGenerator[list[Event], None]:
    """The flight's stream; whoever reads it is on board until the end."""
    try:
        async with aclosing(flight.events()) as events:
            async for batch in events:
                yield batch
    finally:
        if who is not None and flight.owner == id:
            who.entry.pays()
        flight.leave(id)


def _note(who: Passenger, flight: Shared, answer: Answer) -> None:
    """Who got another's answer paid nothing for it."""
    who.entry.tried(answer.target)
    if flight.owner != who.call.id:
        who.entry.given(answer.target)

"""Goes on with a stream that was cut: the next target is given the text so far, and continues it.

Off unless a model or a route says `continue_on_cut`. Only what can be continued is: one choice of plain text, so a cut
amid a tool call, or with several choices, stays an error. The client sees one stream; the record names both models.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from msgspec import structs

from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.errors import GatewayError, UpstreamError, UpstreamRefused
from parley.core.reply import Delta, Event
from parley.pipeline.asking import release
from parley.pipeline.house import Answer, Events, Log


class Next(Protocol):
    """Who finds the next target."""

    async def go_on(self, call: Call, error: GatewayError) -> Answer:
        """The next answer, to `call`. Raises GatewayError."""


def continued(answer: Answer, call: Call, walking: Next, log: Log) -> Answer:
    """The answer, whose events go on at the next target when they are cut."""
    if answer.events is None or not isinstance(call.ask, Chat) or (call.ask.n or 1) > 1:
        return answer
    return structs.replace(answer, events=_continued(answer, answer.events, call, call.ask, walking, log), permit=None)


async def _continued(
    answer: Answer, events: Events, call: Call, chat: Chat, walking: Next, log: Log
) -> AsyncGenerator[list[Event], None]:
    said: list[str] = []
    continuing = False
    while True:
        permit, target = answer.permit, answer.target
        try:
            async with aclosing(events):
                async for batch in events:
                    shown = [_joined(event) for event in batch] if continuing else batch
                    said += [delta.text or "" for event in batch for delta in event.deltas]
                    if any(delta.tools or delta.finish for event in batch for delta in event.deltas):
                        chat = structs.replace(chat, n=2)  # can not be continued any more
                    yield shown
        except UpstreamError as error:
            if permit is not None:
                release(permit, error)
            text = "".join(said)
            if isinstance(error, UpstreamRefused) or not text.strip() or (chat.n or 1) > 1:
                raise
            answer = await _next(call, chat, text, walking, error)
            log.continued(target, answer.target, error.message)
            assert answer.events is not None
            events, continuing = answer.events, True
        except BaseException as error:
            if permit is not None:
                release(permit, error)
            raise
        else:
            if permit is not None:
                permit.close()
            return


async def _next(call: Call, chat: Chat, text: str, walking: Next, error: GatewayError) -> Answer:
    """The next target's answer to the conversation that ends with what was said. Raises `error` if there is none."""
    given = structs.replace(chat, messages=[*chat.messages, {"role": "assistant", "content": text}])
    try:
        return await walking.go_on(structs.replace(call, ask=given), error)
    except GatewayError:
        raise error from None


def _joined(event: Event) -> Event:
    """An event of a later target as part of the first one's stream: no second role, no identity of its own."""
    deltas = tuple(Delta(index=0, text=d.text, reasoning=d.reasoning, finish=d.finish) for d in event.deltas)
    return Event(deltas=deltas, usage=event.usage)

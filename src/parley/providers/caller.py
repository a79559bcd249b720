"""The one caller: sends, reads, times out and cancels for every provider, and says in our words what went wrong."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from parley.core.call import Call
from parley.core.errors import (
    GatewayError,
    Overloaded,
    UpstreamCut,
    UpstreamGarbled,
    UpstreamTimedOut,
    UpstreamUnreachable,
)
from parley.core.fold import unfold
from parley.core.reply import Event, Reply
from parley.core.route import Target
from parley.providers.provider import Authorised, EventReader, Provider
from parley.wire.http import HttpClient, HttpRequest, HttpResponse, Timeouts, Vet
from parley.wire.http import errors as wire

MAX_REPLY = 64 * 2**20
"""Bytes of a whole reply that are read at most."""
WHOLE = "application/json"
"""The type of an answer that is no stream: an error in place of an answer, or all of it at once."""
MAX_ERROR = 64 * 2**10
"""Bytes of an error's body, or of a token's answer, that are read at most."""
TOKEN_TIMEOUTS = Timeouts(connect=5, first_byte=10, idle=5, total=15)
"""For what authorises a request; not the caller's own, as others may wait for the same token."""


class Upstream:
    """A provider and the connections to it."""

    def __init__(self, provider: Provider, client: HttpClient, vet: Vet | None = None) -> None:
        """With `vet` only addresses for which it is true are connected to."""
        self.provider = provider
        self._client = client
        self._vet = vet
        self._authorised = provider if isinstance(provider, Authorised) else None

    def speaking(self, provider: Provider) -> "Upstream":
        """The same connections, for the same address under another key."""
        return Upstream(provider, self._client, self._vet)

    async def ask(self, call: Call, target: Target) -> Reply:
        """A whole reply. Raises UpstreamError, or BadRequest for what the provider can not express."""
        request = self.provider.prepare(call, target)
        try:
            response = await self._send(request, call.deadline)
            if response.status != 200:
                raise await self._refusal(response)
            body = await response.read(MAX_REPLY)
        except wire.HttpError as error:
            raise self._explain(error) from None
        reply = self.provider.read(call, body)
        if not reply.choices and not reply.vectors:
            raise UpstreamGarbled(f"`{self.provider.name}` answered without a single choice.")
        return reply

    async def open(self, call: Call, target: Target, *, hold: bool = True) -> AsyncGenerator[list[Event], None]:
        """A streamed reply whose first token has arrived; each item is what one read from the network brought.

        What comes before the first token (a role, a comment, nothing) waits for it, so that an upstream that begins
        and then says nothing is a failure like one that never began; without `hold`, for a target that nobody can
        stand in for, the first event is enough. Raises UpstreamError until then; the iterator raises it afterwards.
        Closing the iterator once it was begun, or cancelling whoever waits on it, closes
        the upstream's connection at once.
        """
        request = self.provider.prepare(call, target)
        until = self._patience(call.deadline)
        try:
            response = await self._send(request, call.deadline)
            if response.status != 200:
                raise await self._refusal(response)
            if (response.headers.get("content-type") or "").startswith(WHOLE):
                return _told(self.provider.read(call, await response.read(MAX_REPLY)))
        except wire.HttpError as error:
            raise self._explain(error) from None
        reader = self.provider.reader(call)
        try:
            begun = await self._first_token(response, reader, until, speaks if hold else bool)
        except wire.HttpError as error:
            response.abort()
            raise self._explain(error) from None
        except BaseException:
            response.abort()
            raise
        return self._events(begun, response, reader)

    def _patience(self, deadline: float) -> float:
        """When the first token must be there (loop time)."""
        first = self.provider.timeouts.first_byte
        return deadline if first is None else min(deadline, asyncio.get_running_loop().time() + first)

    async def _first_token(
        self, response: HttpResponse, reader: EventReader, until: float, enough: Callable[[Event], bool]
    ) -> list[Event]:
        """The events up to the first one that is `enough`, by `until` (loop time)."""
        data = await response.next_chunk()
        begun = [] if data is None else reader.feed(data)
        if any(map(enough, begun)):
            return begun
        try:
            async with asyncio.timeout_at(until):
                while not any(map(enough, begun)):
                    data = None if reader.done else await response.next_chunk()
                    if data is None:
                        return self._last_words(begun, reader.flush())
                    begun += reader.feed(data)
        except TimeoutError:
            raise UpstreamTimedOut(f"The provider `{self.provider.name}` did not begin its answer in time.") from None
        return begun

    def _last_words(self, begun: list[Event], rest: list[Event]) -> list[Event]:
        """All events of a stream that ended before a token was seen."""
        if not any(map(speaks, rest)):
            raise self._said_nothing()
        return begun + rest

    def _said_nothing(self) -> GatewayError:
        return UpstreamGarbled(f"`{self.provider.name}` ended its stream without an answer.")

    async def _send(self, request: HttpRequest, deadline: float) -> HttpResponse:
        if self._authorised is not None:
            request = await self._authorised.authorise(request, self._fetch, deadline)
        return await self._client.send(request, self.provider.timeouts.until(deadline), self._vet)

    async def _fetch(self, request: HttpRequest) -> tuple[int, bytes]:
        response = await self._client.send(request, TOKEN_TIMEOUTS)
        return response.status, await response.read(MAX_ERROR)

    async def _events(
        self, begun: list[Event], response: HttpResponse, reader: EventReader
    ) -> AsyncGenerator[list[Event], None]:
        left, spoke = False, any(map(speaks, begun))
        try:
            yield begun
            while not reader.done and (data := await response.next_chunk()) is not None:
                if events := reader.feed(data):
                    spoke = spoke or any(map(speaks, events))
                    yield events
            if events := reader.flush():
                spoke = spoke or any(map(speaks, events))
                yield events
            if not spoke:
                raise self._said_nothing()
            response.leave()
            left = True
        except wire.HttpError as error:
            raise self._explain(error) from None
        finally:
            if not left:
                response.abort()

    async def _refusal(self, response: HttpResponse) -> GatewayError:
        status = response.status
        if status < 400:
            response.abort()
            more = " Redirects are not followed: check its `base_url`." if status >= 300 else ""
            return UpstreamGarbled(f"`{self.provider.name}` answered with status {status}, which is no answer.{more}")
        try:
            body = await response.read(MAX_ERROR)
        except wire.HttpError:  # the status is what counts
            response.abort()
            body = b""
        error = self.provider.explain(status, body)
        error.retry_after = response.headers.get("retry-after") or error.retry_after
        return error

    def _explain(self, error: wire.HttpError) -> GatewayError:
        kind, sentence = next((ours, says) for theirs, ours, says in KINDS if isinstance(error, theirs))
        return kind(
            f"The provider `{self.provider.name}` {sentence}",
            retry_after="1" if kind is Overloaded else None,
            detail=error.message,
        )


KINDS: tuple[tuple[type[wire.HttpError], type[GatewayError], str], ...] = (
    (wire.PoolFull, Overloaded, "is busy: all connections to it are in use."),
    (wire.ConnectTimedOut, UpstreamTimedOut, "did not take the connection in time."),
    (wire.NoConnection, UpstreamUnreachable, "could not be reached."),
    (wire.FirstByteTimedOut, UpstreamTimedOut, "did not begin its answer in time."),
    (wire.IdleTimedOut, UpstreamTimedOut, "stopped in the middle of its answer."),
    (wire.TimedOut, UpstreamTimedOut, "did not answer in time."),
    (wire.ConnectionCut, UpstreamCut, "closed the connection before its answer was complete."),
    (wire.BodyTooLarge, UpstreamGarbled, "sent an answer that is too large."),
    (wire.AnswerInvalid, UpstreamGarbled, "answered in what is not HTTP."),
    (wire.HttpError, UpstreamUnreachable, "could not be asked."),
)
"""What an HTTP error means to a caller, and its sentence without addresses; the first row that fits counts."""


async def _told(reply: Reply) -> AsyncGenerator[list[Event], None]:
    """A stream of one batch, for an upstream that answered whole although a stream was asked for."""
    yield unfold(reply)


def speaks(event: Event) -> bool:
    """Whether an event brings a token, or the end of a choice: a role alone, or usage, is no answer."""
    for delta in event.deltas:
        if delta.text or delta.finish or delta.tools or delta.reasoning:
            return True
        if delta.refusal or delta.thinking or delta.logprobs:
            return True
    return False

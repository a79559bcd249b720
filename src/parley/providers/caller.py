"""The one caller: sends, reads, times out and cancels for every provider, and says in our words what went wrong."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

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
        return self.provider.read(call, body)

    async def open(self, call: Call, target: Target) -> AsyncGenerator[list[Event], None]:
        """A streamed reply whose first events have arrived; each item is what one read from the network brought.

        Raises UpstreamError before the first event; the iterator raises it afterwards. Closing the iterator, or
        cancelling whoever waits on it, closes the upstream's connection at once.
        """
        request = self.provider.prepare(call, target)
        try:
            response = await self._send(request, call.deadline)
            if response.status != 200:
                raise await self._refusal(response)
            if (response.headers.get("content-type") or "").startswith(WHOLE):
                return _told(self.provider.read(call, await response.read(MAX_REPLY)))
        except wire.HttpError as error:
            raise self._explain(error) from None
        events = self._events(response, self.provider.reader(call))
        try:
            first = await anext(events)
        except StopAsyncIteration:
            raise UpstreamGarbled(f"`{self.provider.name}` ended its stream without a single event.") from None
        return _resumed(first, events)

    async def _send(self, request: HttpRequest, deadline: float) -> HttpResponse:
        if self._authorised is not None:
            request = await self._authorised.authorise(request, self._fetch, deadline)
        return await self._client.send(request, self.provider.timeouts.until(deadline), self._vet)

    async def _fetch(self, request: HttpRequest) -> tuple[int, bytes]:
        response = await self._client.send(request, TOKEN_TIMEOUTS)
        return response.status, await response.read(MAX_ERROR)

    async def _events(self, response: HttpResponse, reader: EventReader) -> AsyncGenerator[list[Event], None]:
        left = False
        try:
            while not reader.done and (data := await response.next_chunk()) is not None:
                if events := reader.feed(data):
                    yield events
            if events := reader.flush():
                yield events
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


async def _resumed(first: list[Event], events: AsyncGenerator[list[Event], None]) -> AsyncGenerator[list[Event], None]:
    async with aclosing(events):
        yield first
        async for batch in events:
            yield batch

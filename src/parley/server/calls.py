"""The paths that take calls: from the bytes of a request to the bytes of its answer.

Plain ASGI in front of the Starlette application: this is the path that every call takes, and a framework's
conveniences cost more here than the rest of the house.
"""

import asyncio
import time
from functools import partial

from msgspec import Struct, structs

from parley.accounts.keys import Keyring
from parley.core.call import Call, Caller, Source, Trace
from parley.core.errors import CLIENT_LEFT, GatewayError, Internal, Overloaded, own_fault
from parley.core.reply import Reply
from parley.pipeline.flow import refuse, serve
from parley.pipeline.house import Answer, House
from parley.server.asgi import Header, Receive, Scope, Send
from parley.server.bodies import read_body
from parley.server.door import Headers, authenticate, caching, directions, trace, whose
from parley.server.errors import send_error
from parley.server.later import Later
from parley.server.log import log_fault
from parley.server.passage import Hashed, Unhashed, WriteRest
from parley.server.streaming import StreamOut, StreamShape, send_stream
from parley.server.surface import Surface
from parley.server.surfaces import Surfaces
from parley.wire.ids import new_id


class Limits(Struct, frozen=True, kw_only=True):
    """What one process takes: body size in bytes, calls at once, seconds per call and between pings."""

    max_body: int
    max_concurrent: int
    timeout: float
    ping: float


class Calls:
    """Serves every surface for the holders of keys."""

    def __init__(
        self,
        house: House,
        keyring: Keyring,
        limits: Limits,
        surfaces: Surfaces,
        later: Later,
        *,
        prove: bool = False,
    ) -> None:
        """`prove`: receipts are kept, so that every byte is hashed."""
        self._prove = prove
        self._house = house
        self._keyring = keyring
        self._limits = limits
        self._surfaces = surfaces
        self._later = later
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one POST; whatever happens, the client gets an answer or is gone."""
        headers = dict(scope["headers"])
        id = new_id("req")
        mark = trace(headers, id)
        self._running += 1
        surface = self._surfaces.at(scope["path"], headers)
        try:
            if self._running > self._limits.max_concurrent:
                raise Overloaded("Too many requests are in work here; ask again in a second.", retry_after="1")
            caller = authenticate(headers, self._keyring, "inference")
            await self._answer(id, mark, caller, surface, headers, scope, receive, send)
        except GatewayError as error:
            await send_error(send, error, id_headers(id, mark), surface.write_error)
        except asyncio.CancelledError as error:
            if error.args[:1] != (CLIENT_LEFT,):
                await send_error(send, own_fault(error), id_headers(id, mark), surface.write_error)
        except Exception as error:
            log_fault(id, error)
            fault = Internal(f"Something went wrong inside Parley; its log tells more under {id}.")
            await send_error(send, fault, id_headers(id, mark), surface.write_error)
        finally:
            self._running -= 1

    async def _answer(
        self,
        id: str,
        mark: Trace,
        caller: Caller,
        surface: Surface,
        headers: Headers,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        try:
            directed, cached = directions(headers), caching(headers)
            body = await read_body(scope, receive, self._limits.max_body)
            ask, fields = surface.read(body)
            owner = whose(ask, caller, headers, id)
        except GatewayError as error:
            refuse(id, caller, mark, error, self._house)
            raise
        call = Call(
            id=id,
            received=time.time(),
            deadline=asyncio.get_running_loop().time() + self._limits.timeout,
            caller=caller,
            whose=owner,
            trace=mark,
            ask=ask,
            source=Source(dialect=surface.dialect, fields=fields, asked=ask, settles=surface.settles),
            path=scope["path"],
            directions=directed,
            caching=cached,
            passage=Hashed(body) if self._prove and surface.evaluated is None else None,
        )
        if surface.stream_writer is not None and ask.stream:
            await self._stream(call, surface, send)
        else:
            await self._whole(call, surface, send)

    async def _whole(self, call: Call, surface: Surface, send: Send) -> None:
        passage = _passage(call, lambda reply: surface.write_reply(reply, call.ask))
        answer = await serve(call, self._house)
        assert answer.reply is not None
        if surface.evaluated is not None:
            await self._whole_and_later(call, surface, answer, answer.reply, send)
            return
        body = passage.rest(answer.reply)
        head: list[Header] = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *answer_headers(call, answer),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _whole_and_later(self, call: Call, surface: Surface, answer: Answer, reply: Reply, send: Send) -> None:
        """An answer that its evaluation comes with, or after."""
        told = await self._later.inside(call, surface, answer)
        if told is not None:
            reply = structs.replace(reply, notes={**(reply.notes or {}), "evaluation": told})
        head: list[Header] = [(b"content-type", surface.stream_type), *answer_headers(call, answer)]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": surface.write_reply(reply, call.ask), "more_body": True})
        await send({"type": "http.response.body", "body": await self._later.after(call, surface, answer)})

    async def _stream(self, call: Call, surface: Surface, send: Send) -> None:
        assert surface.stream_writer is not None
        writer = surface.stream_writer(call.ask, f"chatcmpl-{call.id}", call.ask.model or "", int(call.received))
        shape = StreamShape(surface.stream_type, surface.ping, self._limits.ping)
        passage = _passage(call, lambda _: writer.end())
        out = StreamOut(send, id_headers(call.id, call.trace), shape, call.deadline, passage)
        try:
            answer = await serve(call, self._house)
            assert answer.events is not None
            out.headers = answer_headers(call, answer)
            end = None if surface.evaluated is None else partial(self._later.end, call, surface, answer, out, writer)
            await send_stream(out, answer.events, writer, end)
        except GatewayError as error:
            if not out.started:
                raise
            await out.fail(writer.error(error))
        finally:
            out.close()


def _passage(call: Call, write_rest: WriteRest) -> Hashed | Unhashed:
    """What sees the bytes of this call pass, and writes the last of them."""
    passage = call.passage
    if not isinstance(passage, Hashed):
        return Unhashed(write_rest)
    passage.write_rest = write_rest
    return passage


def id_headers(id: str, mark: Trace) -> list[Header]:
    """The headers that every answer has."""
    return [(b"x-request-id", id.encode()), (b"x-portkey-trace-id", _value(mark.trace_id))]


def answer_headers(call: Call, answer: Answer) -> list[Header]:
    """The headers of an answer: who gave it, from where, and why not somebody else."""
    cache = answer.cache.encode()
    headers = [
        (b"x-request-id", call.id.encode()),
        (b"x-portkey-trace-id", _value(call.trace.trace_id)),
        (b"x-parley-cache", cache),
        (b"x-portkey-cache-status", cache),
        (b"x-parley-model", _value(answer.target.model)),
        (b"x-parley-provider", _value(answer.target.provider)),
        (b"x-portkey-provider", _value(answer.target.provider)),
        (b"x-portkey-last-used-option-index", answer.path.encode()),
        (b"x-portkey-retry-attempt-count", b"%d" % answer.retries),
        *answer.headers,
    ]
    if answer.fallback_reason is not None:
        headers.append((b"x-parley-fallback-reason", _value(answer.fallback_reason)))
    return headers


def _value(text: str) -> bytes:
    """`text` as a header's value: what a header can not hold becomes `?`."""
    return text.encode("latin-1", "replace").translate(PRINTABLE)


PRINTABLE = bytes(b if 32 <= b != 127 else ord("?") for b in range(256))

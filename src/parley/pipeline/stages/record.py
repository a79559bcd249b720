"""Record: writes down how the call ended, before its last byte leaves.

Reads: the call, the answer, its events as they pass.
Writes: one record in the ledger, whatever happened: answered, refused, failed, left.
Fails: open where the store is away (the record waits in the spool), closed where it can be kept nowhere at all.
Costs: a lone commit about 60 microseconds; a share of one where several calls end together.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any

from msgspec import structs

from parley.core.call import Call, Caller, Trace
from parley.core.enclosures import Enclosure, Job, TraceMark
from parley.core.errors import CLIENT_LEFT, CallerError, GatewayError, UpstreamRefused, own_fault
from parley.core.fold import Fold, answer_json
from parley.core.record import ANSWERED, FAILED, LEFT, REFUSED, Attempt, Record, Sealed
from parley.core.reply import Event, Reply
from parley.core.route import Target
from parley.core.spans import LONGEST, span_of
from parley.pipeline.asking import release
from parley.pipeline.house import Answer, Events, House

CLIENT_CLOSED = 499
"""The status of a request whose client left, as nginx writes it."""


class Entry:
    """One call's line in the books while it is being written. Used as a context, it closes itself on an error."""

    __slots__ = (
        "_attempts",
        "_began",
        "_closed",
        "_continued",
        "_enclosures",
        "_first",
        "_free",
        "_house",
        "_target",
        "_then",
        "call",
    )

    def __init__(self, call: Call, house: House) -> None:
        self.call = call
        self._house = house
        self._began = time.perf_counter()
        self._first: float | None = None
        self._target: Target | None = None
        self._attempts: list[Attempt] = []
        self._continued: str | None = None
        self._free = False
        self._enclosures: list[Enclosure] = []
        self._then: list[Callable[[], None]] = []
        self._closed = False

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            self.failed(error)

    def tried(self, target: Target) -> None:
        """Notes who is being asked."""
        self._target = target

    def given(self, target: Target) -> None:
        """Notes that the answer was made for another call, by `target`: it costs nothing."""
        self._target = target
        self._free = True

    def pays(self) -> None:
        """Notes that the answer belongs to this call after all."""
        self._free = False

    def ended(self, attempt: Attempt) -> None:
        """Notes how one attempt ended."""
        self._attempts.append(attempt)

    def continued(self, cut: Target, by: Target, why: str) -> None:
        """Notes that another model went on with a stream that was cut."""
        self._continued = f"{cut.model}: {why} `{by.model}` went on with its text."
        self._broke_off(cut, 502, f"cut: {why}")

    def _broke_off(self, target: Target, status: int, reason: str) -> None:
        """The target that answered did not answer to the end."""
        for place, attempt in enumerate(self._attempts):
            if attempt.model == target.model and attempt.status == 200:
                self._attempts[place] = structs.replace(attempt, status=status, reason=reason)
                return

    def enclose(self, *enclosures: Enclosure) -> None:
        """Takes in what is to be committed together with the record."""
        self._enclosures += enclosures

    def span(self, kind: str, name: str, began: float, ms: float, **more: Any) -> None:
        """Notes a part of the call for its trace: what `core.spans.span_of` takes, `began` in epoch seconds."""
        self.enclose(span_of(self.call, kind, name, began, ms, **more))

    def after(self, then: Callable[[], None]) -> None:
        """Runs `then` once the record is committed, or can not be."""
        self._then.append(then)

    def first_token(self) -> None:
        """Notes that the answer has begun."""
        if self._first is None:
            self._first = time.perf_counter()

    def took(self, ms: float, first_token_ms: float | None) -> None:
        """Notes the times, in milliseconds, of an answer that was had elsewhere."""
        self._began = time.perf_counter() - ms / 1000
        self._first = None if first_token_ms is None else self._began + first_token_ms / 1000

    async def answered(self, answer: Answer, reply: Reply) -> None:
        """Closes the line with an answer; returns when it is committed."""
        self._closed = True
        await self._put(self._line(ANSWERED, 200, answer, reply), answer, reply)

    def failed(self, error: BaseException, answer: Answer | None = None, reply: Reply | None = None) -> None:
        """Closes the line with what went wrong and what was seen until then; does not wait."""
        if self._closed:
            return
        self._closed = True
        outcome, status, sentence = _ending(error)
        if answer is not None:
            self._broke_off(answer.target, status, sentence or "the client left")
        line = self._line(outcome, status, answer, reply)
        self._put(structs.replace(line, error=sentence), answer, reply)

    def _put(self, line: Sealed, answer: Answer | None, reply: Reply | None) -> Awaitable[None]:
        house, enclosures = self._house, self._enclosures
        for afterthought in house.afterthoughts:
            enclosures += afterthought(line, self.call, answer, reply)
        if any(type(one) is Job for one in enclosures):
            enclosures = [house.workers.hold(one) if type(one) is Job else one for one in enclosures]
            jobs = [one for one in enclosures if type(one) is Job]
            self._then.append(lambda: house.workers.begin(jobs))
        if enclosures:
            line = structs.replace(line, enclosures=tuple(enclosures))
        done = house.ledger.put(line)
        if self._then:
            _follow(done, self._then)
        return done

    def _line(self, outcome: str, status: int, answer: Answer | None, reply: Reply | None) -> Sealed:
        call, house, now = self.call, self._house, time.perf_counter()
        whose, target = call.whose, self._target
        usage = reply.usage if reply else None
        cost = house.prices.cost(target.provider, target.upstream, usage) if target and usage else None
        keep = house.keep_content and call.ask.log_prompt is not False
        line = Sealed(
            id=call.id,
            created=call.received,
            account=whose.account,
            application=whose.application,
            intent=whose.intent,
            session_id=whose.session_id,
            reference_id=whose.reference_id,
            user_id=whose.user_id or whose.said_user,
            metadata=whose.metadata,
            trace_id=call.trace.trace_id,
            key_id=call.caller.key_id,
            operation=OPERATIONS[type(call.ask).__name__],
            outcome=outcome,
            status=status,
            model=target.model if target else call.ask.model or "",
            provider=target.provider if target else "",
            upstream_model=target.upstream if target else "",
            completion_id=reply.id if reply else None,
            stream=answer is not None and answer.events is not None,
            usage=usage,
            cost_usd=0.0 if self._free else cost,
            saved_usd=cost if self._free else None,
            latency_ms=(now - self._began) * 1000,
            first_token_ms=None if self._first is None else (self._first - self._began) * 1000,
            finish_reason=reply.choices[0].finish if reply and reply.choices else None,
            cache=answer.cache if answer else "DISABLED",
            fallback_reason=self._continued or (answer.fallback_reason if answer else None),
            attempts=tuple(self._attempts) if len(self._attempts) > 1 else None,
            messages=_question(call) if keep else None,
            answer=answer_json(reply) if keep and reply else None,
        )
        house.meter.count(line)
        return line


def _follow(done: Awaitable[None], then: list[Callable[[], None]]) -> None:
    if isinstance(done, asyncio.Future):
        done.add_done_callback(lambda _: [one() for one in then])
    else:
        for one in then:
            one()


OPERATIONS = {"Chat": "chat", "TextCompletion": "completion", "Embed": "embedding"}


def open_entry(call: Call, house: House) -> Entry:
    """A new line in the books."""
    return Entry(call, house)


async def record(answer: Answer, call: Call, entry: Entry) -> Answer:
    """The answer, committed if it is whole; a stream commits itself before its iterator ends."""
    entry.call = call
    if answer.reply is not None:
        await entry.answered(answer, answer.reply)
        return answer
    assert answer.events is not None
    return structs.replace(answer, events=_recorded(answer, answer.events, entry))


async def _recorded(answer: Answer, events: Events, entry: Entry) -> AsyncGenerator[list[Event], None]:
    fold, permit = Fold(), answer.permit
    try:
        async with aclosing(events):
            async for batch in events:
                entry.first_token()
                for event in batch:
                    fold.add(event)
                yield batch
        if permit is not None:
            permit.close()
            permit = None
        await entry.answered(answer, _folded(fold, answer, entry))
    except BaseException as error:
        if permit is not None:
            release(permit, error)
        entry.failed(error, answer, _folded(fold, answer, entry))
        raise


def _folded(fold: Fold, answer: Answer, entry: Entry) -> Reply:
    return fold.reply(id=f"chatcmpl-{entry.call.id}", model=answer.target.upstream, created=int(entry.call.received))


def _question(call: Call) -> bytes | None:
    fields = call.source.fields
    raw = fields.get("messages") or fields.get("prompt") or fields.get("input")
    return None if raw is None else bytes(raw)


def _ending(error: BaseException) -> tuple[str, int, str | None]:
    """Outcome, status and sentence for what ended a call."""
    if isinstance(error, GeneratorExit) or error.args[:1] == (CLIENT_LEFT,):
        return LEFT, CLIENT_CLOSED, None
    if isinstance(error, asyncio.CancelledError):
        error = own_fault(error)
    if isinstance(error, CallerError):
        return REFUSED, error.status, error.message
    if isinstance(error, GatewayError):
        sentence = f"{error.message} ({error.detail})" if error.detail else error.message
        refused = isinstance(error, UpstreamRefused) and error.status < 500
        return (REFUSED if refused else FAILED), error.status, sentence
    return FAILED, 500, f"internal error: {type(error).__name__}"


def refusal(id: str, caller: Caller, mark: Trace, error: GatewayError, house: House) -> Record:
    """The record of a request that never became a call."""
    line = Record(
        id=id,
        created=time.time(),
        account=caller.account,
        application="default",
        intent="default",
        session_id="",
        trace_id=mark.trace_id,
        key_id=caller.key_id,
        outcome=REFUSED,
        status=error.status,
        error=error.message,
    )
    house.meter.count(line)
    marks = _marks(line, mark)
    return Sealed(**structs.asdict(line), enclosures=marks) if marks else line


def mark_trace(line: Record, call: Call, answer: Answer | None, reply: Reply | None) -> tuple[TraceMark, ...]:
    """Where the call stands in the trace that its caller brought: an afterthought. One made here needs no mark."""
    return _marks(line, call.trace)


def _marks(line: Record, trace: Trace) -> tuple[TraceMark, ...]:
    if not trace.brought:
        return ()
    return (
        TraceMark(
            request_id=line.id,
            trace_id=trace.trace_id[:LONGEST],
            created=line.created,
            span_id=trace.span_id,
            parent_span_id=trace.parent_span_id,
            span_name=trace.span_name,
        ),
    )

"""Judge: holds an answer up until its sentinels let it through, corrected if need be; by default it holds up nothing.

Reads: the ask's flags, the sentinels of its application and intent, the answer.
Writes: the answer (its text and tool calls where they are corrected), its notes and header; rows for the record.
Fails: open with `apply_corrections` (past the budget, or when a judge fails, the answer goes out and says so), closed
with `safe_mode` (what did not pass is not given).
Costs: one dict look-up where there is nothing to judge, 1 microsecond where judging waits until after the answer.
"""

from contextlib import aclosing

from msgspec import structs

from parley.core.call import Call
from parley.core.fold import Fold, unfold
from parley.core.reply import Event, Reply
from parley.pipeline.again import identity
from parley.pipeline.asking import release
from parley.pipeline.house import Answer, Events
from parley.pipeline.judging_court import Court
from parley.pipeline.judging_hearing import Ruling
from parley.pipeline.judging_mandate import BACKGROUND, Mandate
from parley.pipeline.judging_stream import judged_stream
from parley.pipeline.judging_whole import judged, noted, summary
from parley.pipeline.stages.record import Entry

HEADER = b"x-parley-evaluation"
LATER = (HEADER, b"PENDING")
LAST_CHUNK = (HEADER, b"PENDING; see=last-chunk")


async def judge(answer: Answer, call: Call, court: Court | None, entry: Entry) -> Answer:
    """The answer as it may be given. Raises AnswerAtFault, in safe mode only."""
    mandate = court.mandate(call) if court is not None else None
    if court is None or mandate is None:
        return answer
    if mandate.mode == BACKGROUND:
        return _with(answer, LATER)
    if answer.reply is not None:
        return await _whole(answer, answer.reply, call, mandate, court, entry)
    assert answer.events is not None
    if mandate.safe:
        return await _safe_stream(answer, answer.events, call, mandate, court, entry)

    def told(ruling: Ruling, completion_id: str | None) -> None:
        entry.enclose(*court.ruled(ruling, call, mandate.mode, completion_id))

    events = judged_stream(answer.events, call, mandate, court, told)
    return _with(structs.replace(answer, events=events), LAST_CHUNK)


async def _whole(answer: Answer, reply: Reply, call: Call, mandate: Mandate, court: Court, entry: Entry) -> Answer:
    rulings: list[Ruling] = []

    def told(ruling: Ruling) -> None:
        rulings.append(ruling)
        entry.enclose(*court.ruled(ruling, call, mandate.mode, reply.id or None))

    try:
        given = await judged(reply, call, mandate, court, told)
    except BaseException as error:
        # What was paid for is in the books; what was said is not, for nobody was given it.
        entry.failed(error, answer, structs.replace(reply, choices=(), raw=None))
        raise
    return _with(structs.replace(answer, reply=given), (HEADER, summary(rulings[-1])))


async def _safe_stream(
    answer: Answer, events: Events, call: Call, mandate: Mandate, court: Court, entry: Entry
) -> Answer:
    """A stream that is judged whole and streamed then."""
    batches, fold, permit = list[list[Event]](), Fold(), answer.permit
    try:
        async with aclosing(events):
            async for batch in events:
                batches.append(batch)
                for event in batch:
                    fold.add(event)
    except BaseException as error:
        if permit is not None:
            release(permit, error)
        raise
    if permit is not None:
        permit.close()
    reply = fold.reply(id=call.id, model=answer.target.upstream, created=int(call.received))
    whole = await _whole(structs.replace(answer, events=None, permit=None), reply, call, mandate, court, entry)
    assert whole.reply is not None
    given = whole.reply
    told = [event for batch in batches for event in batch]
    if given.choices is not reply.choices:
        told = unfold(structs.replace(given, id=identity(call), notes=None))
    return structs.replace(whole, reply=None, events=_replayed(noted(told, given.notes or {}, call)))


async def _replayed(events: list[Event]) -> Events:
    yield events


def _with(answer: Answer, header: tuple[bytes, bytes]) -> Answer:
    return structs.replace(answer, headers=(*answer.headers, header))

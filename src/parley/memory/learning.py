"""Learns what users say of themselves: owes a job with each answered record, and does it when its turn comes."""

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct, structs

from parley.core.asks import Chat
from parley.core.call import Call, Whose
from parley.core.enclosures import Enclosure, Job, MemoryRow, Span
from parley.core.errors import GatewayError
from parley.core.record import ANSWERED, Record
from parley.core.reply import Reply
from parley.core.spans import LONGEST, new_span
from parley.memory.asking import Asking
from parley.memory.extraction import PURPOSE, facts_in, question, said_by_user
from parley.memory.facts import Fact
from parley.memory.merging import SameAttribute, Stated, merge, unknown
from parley.memory.names import UserName, lane_of, user_of
from parley.memory.ports import SPAN, MemoryStore, Models, Said, Vectors

KIND = "memory"
READ = 1000
TRIES = 5
"""Tries after which a job fails for good, as the workers have it."""
PAUSES = (60.0, 300.0, 1800.0, 7200.0, 28800.0, 86400.0)
"""Seconds for which a job is put off when the model was away at every try."""


class Owed(Struct, frozen=True, kw_only=True):
    """What a job needs: whose words they are, when and in which request they were said, and the words."""

    account: str
    application: str
    user_id: str
    intent: str
    session_id: str
    request: str
    trace_id: str
    at: float
    said: str
    put_off: int = 0  # how often it was owed anew because the model was away


_owed = msgspec.json.Decoder(Owed)


class Learning:
    """Facts from what users say."""

    def __init__(
        self,
        store: MemoryStore,
        models: Models,
        vectors: Vectors | None,
        model: str,
        begins: Callable[[UserName], None],
    ) -> None:
        """`model` finds the facts; `begins` is told of whom they will be."""
        self._store = store
        self._asking = Asking(models)
        self._vectors = vectors
        self._model = model
        self._begins = begins

    def owe(self, line: Record, call: Call, reply: Reply | None) -> Iterable[Enclosure]:
        """The job for an answered call of a known user who said something and wants it kept."""
        if call.whose.user_id is None or line.outcome != ANSWERED:
            return ()
        asked = call.source.asked
        if not isinstance(asked, Chat) or call.ask.log_prompt is False:
            return ()
        said = said_by_user(asked.messages)
        if not said:
            return ()
        user, whose = user_of(call.whose), call.whose
        owed = Owed(
            account=user.account,
            application=user.application,
            user_id=user.user_id,
            intent=whose.intent,
            session_id=whose.session_id,
            request=call.id,
            trace_id=call.trace.trace_id,
            at=call.received,
            said=said,
        )
        job = Job(
            id=f"{KIND}:{call.id}",
            kind=KIND,
            lane=lane_of(user),
            created=time.time(),
            due=call.received,
            payload=msgspec.json.encode(owed),
        )
        return (job,)

    async def learn(self, job: Job) -> Sequence[Enclosure]:
        """The rows that the job's words come to. Raises GatewayError where the model does not answer."""
        owed = _owed.decode(job.payload)
        user = UserName(owed.account, owed.application, owed.user_id)
        self._begins(user)
        known = await self._store.current(user, READ)
        attributes = sorted({row.attribute for row in known if row.attribute})
        whose = Whose(
            account=owed.account,
            application=owed.application,
            intent=owed.intent,
            session_id=owed.session_id,
            user_id=owed.user_id,
        )
        at = time.time()
        try:
            answer = await self._asking.chat(question(self._model, owed.said, attributes), whose, PURPOSE)
        except GatewayError as error:
            return (_put_off(job, owed, error),)
        facts = facts_in(answer.text, owed.said)
        stated = Stated(user=user, at=owed.at, source=owed.request, ids=owed.request)
        rows = await taken_in(facts, known, stated, self._vectors)
        return [*rows, _span(owed, answer, at, len(rows))]


def _span(owed: Owed, answer: Said, at: float, learnt: int) -> Span:
    """What learning took, in the trace of the request that it followed."""
    usage = answer.usage
    return Span(
        trace_id=owed.trace_id[:LONGEST],
        id=new_span(),
        request_id=owed.request,
        account=owed.account,
        kind=SPAN,
        name="learning",
        created=at,
        ms=answer.ms,
        model=answer.model,
        provider=answer.provider,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cost_usd=answer.cost_usd,
        attributes=msgspec.json.encode({"facts": learnt}).decode(),
    )


def _put_off(job: Job, owed: Owed, error: GatewayError) -> Job:
    """The job for later, where this was the last try and the model is but away. Raises `error` for anything else."""
    away = error.status in (408, 409, 429) or error.status >= 500
    if job.tries < TRIES or not away or owed.put_off >= len(PAUSES):
        raise error
    return structs.replace(
        job,
        id=f"{KIND}:{owed.request}+{owed.put_off + 1}",
        due=time.time() + PAUSES[owed.put_off],
        tries=0,
        leased_until=None,
        error=error.message,
        payload=msgspec.json.encode(structs.replace(owed, put_off=owed.put_off + 1)),
    )


async def taken_in(
    facts: Sequence[Fact], known: Sequence[MemoryRow], stated: Stated, vectors: Vectors | None
) -> list[MemoryRow]:
    """The rows to add for `facts`, with vectors where a model gives them; without one the words alone decide."""
    if vectors is None or not facts:
        return merge(facts, known, stated)
    same: SameAttribute = unknown
    try:
        attributes = [fact.attribute for fact in facts]
        pairs = await vectors.same_attributes(attributes, [row.attribute for row in known] + attributes)
        same = lambda a, b: (a, b) in pairs or None  # noqa: E731
        return await vectors.described(merge(facts, known, stated, same))
    except GatewayError:
        return merge(facts, known, stated, same)

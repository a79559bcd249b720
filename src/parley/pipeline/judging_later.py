"""Judging after the answer went out: what is owed is committed with the record, and paid by whoever comes first.

Costs the call some 20 microseconds and a row. A crash loses none: the job is there if the record is, and its verdicts
are committed together with its end.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from parley.cache.wish import HITS
from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.enclosures import Enclosure, Job
from parley.core.record import ANSWERED, Record
from parley.core.reply import Reply
from parley.evaluation.panel import Panel
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Evaluation, Verdict, cost_of, status_of
from parley.pipeline.house import Answer
from parley.pipeline.judging_court import Court
from parley.pipeline.judging_hearing import Judges, context_of
from parley.pipeline.judging_mandate import BACKGROUND
from parley.pipeline.judging_rows import Owed, Spoken, owed_job, owed_of, rows, subjects_owed

PATIENCE = 100.0
"""Seconds that the judges of one answer have in the background."""


class Backlog:
    """How much is owed, as far as this process knows, and the bound past which nothing more is taken on."""

    def __init__(self, waiting: Callable[[], int], most: int) -> None:
        """`waiting` is what was owed at the last look (some time ago), `most` the bound."""
        self._waiting = waiting
        self._most = most
        self.skipped = 0

    def full(self) -> bool:
        """Whether there is too much to take on more; counts what is turned away."""
        if self._waiting() < self._most:
            return False
        self.skipped += 1
        return True


class Later:
    """The afterthought that owes a judgement, and the handler that pays it."""

    def __init__(self, court: Court, backlog: Backlog) -> None:
        self._court = court
        self._backlog = backlog

    def owe(self, line: Record, call: Call, answer: Answer | None, reply: Reply | None) -> Iterable[Enclosure]:
        """What a record owes; as `Afterthought` says."""
        if line.outcome != ANSWERED or line.cache in HITS or reply is None or not reply.choices:
            return ()  # what is given again was judged when it was made
        mandate = self._court.mandate(call)
        if mandate is None or mandate.mode != BACKGROUND or not mandate.panel.draws(call.id) or self._backlog.full():
            return ()
        assert isinstance(call.ask, Chat)
        owed = Owed(
            request_id=call.id,
            completion_id=reply.id or None,
            whose=call.whose,
            chat=call.ask,
            model=call.ask.model or line.model,
            answer=tuple(
                Spoken(choice=one.index, text=one.text or "", tools=one.tools, finish=one.finish, refusal=one.refusal)
                for one in reply.choices
            ),
            context=context_of(call),
        )
        return (owed_job(owed),)

    async def pay(self, job: Job) -> Sequence[Enclosure]:
        """The verdicts of everybody who has not spoken yet, as rows; as `Handler` says."""
        owed, begun = owed_of(job), time.perf_counter()
        judges = self._court.unfinished(job.id)
        panel, until = self._court.panel(owed.whose), asyncio.get_running_loop().time() + PATIENCE
        try:
            found = await asyncio.gather(
                *(self._verdicts(panel, one, owed, judges.pop(one.choice, None), until) for one in subjects_owed(owed))
            )
        finally:
            for task in judges.values():
                task.cancel()
        last = tuple(verdict for verdicts in found for verdict in verdicts)
        known = {(verdict.choice, verdict.sentinel): verdict for verdict in owed.known}
        results = tuple({**{(v.choice, v.sentinel): v for v in last}, **known}.values())
        costs = [cost for cost in (owed.cost_usd, cost_of(v for v in last if v not in owed.known)) if cost is not None]
        evaluation = Evaluation(
            request_id=owed.request_id,
            status=status_of(results),
            created=time.time(),
            results=results,
            delivered=status_of(last),
            correction_applied=owed.correction_applied,
            rounds=owed.rounds,
            ms=(time.perf_counter() - begun) * 1000,
            cost_usd=sum(costs) if costs else None,
        )
        final = last if owed.correction_applied else ()
        return self._court.announced(rows(evaluation, final, owed.whose, owed.mode, owed.completion_id))

    async def _verdicts(
        self,
        panel: Panel,
        subject: Subject,
        owed: Owed,
        begun: Judges | None,
        until: float,
    ) -> tuple[Verdict, ...]:
        fast = await panel.look(subject)
        if not panel.has_slow:
            return fast
        if begun is None:
            return (*fast, *await panel.slow(subject, self._court.asker(owed.whose), until))
        try:
            return (*fast, *await begun)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return (*fast, *await panel.slow(subject, self._court.asker(owed.whose), until))

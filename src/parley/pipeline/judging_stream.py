"""A stream before its judges: sentences go out as the fast kinds let them through; the end waits for the slow ones.

A fault is corrected before it is seen, from where it stands: without a model where that can be, else by a continuation
that a model is asked for within the budget. What went out is never taken back: a fault that is found later, by a kind
that needs the whole answer, is told in the evaluation on the last chunk. An answer of which nothing went out yet is
judged and corrected like a whole one.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from msgspec import structs

from parley.core.call import Call
from parley.core.errors import GatewayError
from parley.core.reply import Choice, Event, Usage
from parley.core.tokens import message_tokens, text_tokens
from parley.evaluation.verdict import faults
from parley.pipeline.house import Events
from parley.pipeline.judging_court import Court
from parley.pipeline.judging_desk import Desk, split
from parley.pipeline.judging_hearing import Hearing, Ruling
from parley.pipeline.judging_mandate import Mandate
from parley.pipeline.judging_trial import Trial
from parley.pipeline.judging_whole import MARGIN, noted, notes

Told = Callable[[Ruling, str | None], None]


async def judged_stream(
    events: Events, call: Call, mandate: Mandate, court: Court, told: Told
) -> AsyncGenerator[list[Event], None]:
    """The events that may go out; `told` gets the ruling and the completion's id before the last of them."""
    stream = _Stream(call, mandate, court)
    try:
        async with aclosing(events):
            async for batch in events:
                if out := await stream.take(split(batch)):
                    yield out
                if stream.over:
                    break
    except GatewayError:
        if rescued := stream.rescued():
            yield rescued
        raise
    last, ruling = await stream.end()
    if ruling is not None:
        told(ruling, stream.id)
    if last:
        yield last


class _Stream:
    """All choices of one stream."""

    def __init__(self, call: Call, mandate: Mandate, court: Court) -> None:
        self._call = call
        self._mandate = mandate
        self._hearing = Hearing(call, mandate, court.asker(call.whose))
        self._desks: dict[int, Desk] = {}
        self._trials: dict[int, Trial] = {}
        self._finish: dict[int, str | None] = {}  # of choices that were closed before their end
        self._tail: list[Event] = []
        self._model = ""
        self.id: str | None = None
        self.over = False  # nobody needs what else comes from upstream

    async def take(self, events: list[Event]) -> list[Event]:
        """What may go out; waits only for a continuation."""
        out: list[Event] = []
        for event in events:
            self.id = self.id or event.id
            self._model = self._model or event.model or ""
            if not event.deltas:
                (self._tail if event.usage is not None else out).append(event)
                continue
            desk = self._desk(event.deltas[0].index)
            out += desk.take(event)
            if desk.faulty is not None:
                out += await self._continued(desk)
        self.over = bool(self._desks) and all(desk.closed for desk in self._desks.values())
        return out

    def rescued(self) -> list[Event]:
        """What of a stream that broke off may still go out."""
        out: list[Event] = []
        for desk in self._desks.values():
            if desk.faulty is None:
                out += desk.flush()
        return out

    async def end(self) -> tuple[list[Event], Ruling | None]:
        """The last events, with the evaluation, once it is known or the budget is spent."""
        out: list[Event] = []
        for desk in self._desks.values():
            if desk.begun:
                out += desk.flush()
                if desk.faulty is not None:
                    out += await self._continued(desk)
        if not self._desks:
            return self._tail, None
        trials = [self._prepared(desk) for desk in self._desks.values()]
        ruling = await self._hearing.hold(trials, self._until(asyncio.get_running_loop().time()))
        for desk, trial in zip(self._desks.values(), trials, strict=True):
            out += self._last_of(desk, trial)
        usage = [Event(usage=self._estimated())] if self.over else self._tail
        return [*noted(out, notes(ruling), self._call), *usage], ruling

    def _until(self, now: float) -> float:
        """When the budget is spent, of which corrections took their part already."""
        return min(now + self._mandate.budget - self._hearing.before, self._call.deadline - MARGIN)

    def _desk(self, index: int) -> Desk:
        desk = self._desks.get(index)
        if desk is None:
            subject = self._hearing.subject(Choice(index=index), self._model)
            desk = self._desks[index] = Desk(structs.replace(subject, finish=None), self._mandate.panel)
            self._trials[index] = self._hearing.trial(subject)
        return desk

    def _prepared(self, desk: Desk) -> Trial:
        """The trial of what the choice came to: of all of it, or of what can not be changed any more."""
        said, before = desk.said, self._trials[desk.index]
        if not desk.begun and not desk.closed:
            return self._hearing.trial(self._hearing.subject(said, self._model))
        finish = self._finish.get(desk.index, said.finish)
        tools = () if desk.closed else said.tools
        whole = structs.replace(said, text=desk.given, tools=tools, finish=finish)
        trial = self._hearing.trial(self._hearing.subject(whole, self._model), rounds=0, text=False)
        trial.note(desk.faults)
        trial.altered = desk.corrected
        trial.rounds, trial.cost_usd, trial.reason = before.rounds, before.cost_usd, before.reason
        return trial

    def _last_of(self, desk: Desk, trial: Trial) -> list[Event]:
        if desk.closed:
            return desk.end(self._finish.get(desk.index))
        changed = trial.best is not trial.original or not (desk.begun or desk.intact)
        return desk.as_judged(trial.best) if changed else desk.as_it_is()

    async def _continued(self, desk: Desk) -> list[Event]:
        """What goes out in the place of a fault: a better continuation, or the model's own words if there is none."""
        trial = self._trials[desk.index]
        now, began = asyncio.get_running_loop().time(), time.perf_counter()
        try:
            async with asyncio.timeout_at(self._until(now)):
                better = await self._better(desk, trial)
        except TimeoutError:
            better = None
            trial.reason = f"No correction was ready within {self._mandate.budget:g} s; the stream went on as it was."
        except GatewayError as error:
            better = None
            trial.reason = f"The correction failed: {error.message}"
        finally:
            self._hearing.before += time.perf_counter() - began
        if better is None:
            return desk.give_up()
        self._finish[desk.index] = better.finish
        return desk.end_with(better.text or "")

    async def _better(self, desk: Desk, trial: Trial) -> Choice | None:
        assert desk.faulty is not None
        found, panel, given = desk.faulty.faults, self._mandate.panel, desk.given
        faulty = self._hearing.subject(Choice(index=desk.index, text=given + desk.faulty.held), self._model)
        while trial.rounds < self._mandate.rounds:
            trial.rounds += 1
            chat = panel.continuation(faulty, given, found)
            asked = await self._hearing.ask(chat, "correction", self._call.deadline)
            if asked.cost_usd is not None:
                trial.cost_usd = (trial.cost_usd or 0.0) + asked.cost_usd
            choice = _joined(asked.reply.choices[0], desk.faulty.held)
            faulty = self._hearing.subject(structs.replace(choice, text=given + (choice.text or "")), self._model)
            found = faults(await panel.look(structs.replace(faulty, choice=desk.index)))
            if not found:
                return choice
        trial.reason = f"It was still at fault after {trial.rounds} corrections."
        return None

    def _estimated(self) -> Usage:
        """The tokens of a stream that was left before upstream counted them."""
        said = sum(text_tokens(desk.said.text or "") for desk in self._desks.values())
        asked = sum(message_tokens(message) for message in getattr(self._call.ask, "messages", ()))
        return Usage(prompt_tokens=asked, completion_tokens=said)


def _joined(choice: Choice, held: str) -> Choice:
    """The continuation with the space that the text in its place began with; models leave it out."""
    text = choice.text or ""
    space = held[: len(held) - len(held.lstrip())]
    return structs.replace(choice, text=text if not text or text[0].isspace() else space + text)

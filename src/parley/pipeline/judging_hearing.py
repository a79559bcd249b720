"""The hearing of one answer: a trial for each of its choices, side by side, within the budget; and what comes of it."""

import asyncio
import time
from collections.abc import Sequence

from msgspec import Struct, structs

from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.errors import CLIENT_LEFT
from parley.core.reply import Choice, Reply
from parley.evaluation.ports import Asker
from parley.evaluation.subject import Subject, subject_of
from parley.evaluation.verdict import PENDING, Evaluation, Verdict, cost_of, status_of
from parley.pipeline.judging_mandate import Mandate
from parley.pipeline.judging_trial import Trial, Verdicts

Judges = asyncio.Task[Verdicts]


class Ruling(Struct, frozen=True, kw_only=True):
    """What judging an answer came to.

    `subjects` is the answer to give, choice by choice; `final` the verdicts on it where they are not `results`.
    `owed`: not every sentinel has judged it yet; `judges` are those at work, by the choice they judge.
    """

    evaluation: Evaluation
    subjects: tuple[Subject, ...]
    passed: bool
    final: tuple[Verdict, ...] = ()
    owed: bool = False
    judges: dict[int, Judges] = {}


class Hearing:
    """One answer before its judges."""

    def __init__(self, call: Call, mandate: Mandate, ask: Asker) -> None:
        assert isinstance(call.ask, Chat)
        self._call = call
        self._chat = call.ask
        self._context = context_of(call)
        self._mandate = mandate
        self.ask = ask
        self._began: float | None = None
        self.before = 0.0  # seconds that judging took before the trials are held

    def subject(self, choice: Choice, model: str) -> Subject:
        """The subject that a choice is."""
        return subject_of(self._call.id, self._chat, choice, context=self._context, model=self._chat.model or model)

    def trial(self, subject: Subject, *, rounds: int | None = None, text: bool = True) -> Trial:
        """A trial that is not held yet; without `text` what was said can not be changed any more."""
        mandate = self._mandate
        return Trial(
            subject,
            mandate.panel,
            self.ask,
            rounds=mandate.rounds if rounds is None else rounds,
            deadline=self._call.deadline,
            thorough=not mandate.safe,
            text=text,
        )

    async def hold(self, trials: Sequence[Trial], until: float) -> Ruling:
        """Holds the trials until `until` (event-loop time); whoever is not done by then is taken as it stands.

        Judges that are still at work on what is given go on, and are the caller's to end. Cancelled, it ends all.
        """
        loop = asyncio.get_running_loop()
        if self._began is None:
            self._began = time.perf_counter()
        runs = [asyncio.ensure_future(trial.run()) for trial in trials]
        try:
            await asyncio.wait(runs, timeout=max(0.0, until - loop.time()))
            for run in runs:
                if run.done():
                    run.result()
        except BaseException:
            for trial in trials:
                if trial.judges is not None:
                    trial.judges.cancel(CLIENT_LEFT)
            raise
        finally:
            late = [run for run in runs if not run.done()]
            for run in late:
                run.cancel()
            if late:
                await asyncio.wait(late)
        return self.ruling(trials, late=bool(late))

    def ruling(self, trials: Sequence[Trial], *, late: bool = False) -> Ruling:
        """What the trials have come to by now."""
        owed = not all(trial.settled for trial in trials)
        results = tuple(v for trial in trials for v in _ordered(trial))
        final = tuple(v for trial in trials for v in trial.last)
        corrected = any(trial.corrected for trial in trials)
        corrections = [trial.cost_usd for trial in trials if trial.cost_usd is not None]
        judged = cost_of(results if not corrected else {id(v): v for v in (*results, *final)}.values())
        costs = [*corrections, *([] if judged is None else [judged])]
        evaluation = Evaluation(
            request_id=self._call.id,
            status=PENDING if owed else status_of(results),
            created=time.time(),
            results=results,
            delivered=PENDING if owed else status_of(final),
            correction_applied=corrected,
            rounds=max((trial.rounds for trial in trials), default=0),
            ms=(self.before + (time.perf_counter() - self._began if self._began else 0.0)) * 1000,
            cost_usd=sum(costs) if costs else None,
            reason=self._late(owed) if late else next((t.reason for t in trials if t.reason and not t.passed), None),
        )
        return Ruling(
            evaluation=evaluation,
            subjects=tuple(trial.best for trial in trials),
            passed=all(trial.passed for trial in trials),
            final=final if corrected else (),
            owed=owed,
            judges={t.original.choice: t.judges for t in trials if t.judges is not None and not t.settled},
        )

    def _late(self, owed: bool) -> str:
        seconds = f"{self._mandate.budget:g} s"
        if owed:
            return f"Judging was not done within {seconds}; it goes on, and the answer went out as it was."
        return f"The correction was not ready within {seconds}; the answer went out as it was."


def context_of(call: Call) -> str:
    """What was retrieved for a call, as one text."""
    return "\n\n".join(part.text for part in call.context.parts) if call.context is not None else ""


def _ordered(trial: Trial) -> tuple[Verdict, ...]:
    return tuple(trial.first.values())


def corrected_reply(reply: Reply, subjects: Sequence[Subject]) -> Reply:
    """The reply with the choices as these subjects are; the very same reply where they are what it says."""
    by_index = {subject.choice: subject for subject in subjects}
    choices = tuple(_as_judged(choice, by_index.get(choice.index)) for choice in reply.choices)
    if all(new is old for new, old in zip(choices, reply.choices, strict=True)):
        return reply
    return structs.replace(reply, choices=choices, raw=None)


def _as_judged(choice: Choice, subject: Subject | None) -> Choice:
    if subject is None or ((choice.text or "") == subject.text and choice.tools == subject.tools):
        return choice
    text = subject.text if subject.text or not subject.tools else None
    return structs.replace(
        choice,
        text=text,
        tools=subject.tools,
        refusal=subject.refusal,
        finish=subject.finish,
        thinking=(),
        logprobs=None,
        corrected=True,
    )

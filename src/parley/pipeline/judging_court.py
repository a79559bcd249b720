"""The court: what judging needs of the house, how much was done, and judges that outlive the call they began in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from parley.core.asks import Chat
from parley.core.call import Call, Whose
from parley.core.enclosures import Enclosure, EvaluationRow, VerdictRow
from parley.evaluation.panel import Panel
from parley.evaluation.ports import Asked, Asker
from parley.pipeline.judging_hearing import Judges, Ruling
from parley.pipeline.judging_mandate import Mandate, Mandates, Mode
from parley.pipeline.judging_rows import job_id, ruling_rows

MOST = 1024
"""Calls whose judges may go on at once after the answer went out; others are asked anew by their job."""


class Sender(Protocol):
    """Asks models for Parley itself (`pipeline/errands.py`)."""

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Asked:
        """The answer to `chat`. Raises GatewayError."""


Heard = Callable[[EvaluationRow], Iterable[Enclosure]]
"""Who wants to hear of an evaluation: what is committed together with it so that they will."""


def nobody(_: EvaluationRow) -> Iterable[Enclosure]:
    """Nobody wants to."""
    return ()


class Court:
    """Where answers are judged; one per process."""

    def __init__(self, mandates: Mandates, errands: Sender, heard: Heard = nobody) -> None:
        self._mandates = mandates
        self._errands = errands
        self._heard = heard
        self._unfinished: dict[str, dict[int, Judges]] = {}
        self.counted: dict[str, int] = {}
        """Verdicts by `SENTINEL STATUS` and evaluations by status, for `/metrics`."""

    def mandate(self, call: Call) -> Mandate | None:
        """Whether and how the call's answer is judged; None: not at all."""
        return self._mandates.of(call)

    def panel(self, whose: Whose) -> Panel:
        """Who judges for an application and intent now."""
        return self._mandates.panel(whose)

    def asker(self, whose: Whose) -> Asker:
        """Asks models on behalf of this request."""
        errands = self._errands

        async def ask(chat: Chat, purpose: str, deadline: float) -> Asked:
            """As `Asker` says."""
            return await errands.chat(chat, whose, purpose, deadline)

        return ask

    def ruled(self, ruling: Ruling, call: Call, mode: Mode, completion_id: str | None) -> tuple[Enclosure, ...]:
        """What is committed with the call's record; judges that are still at work are kept for the job that is owed."""
        if ruling.owed and ruling.judges:
            while len(self._unfinished) >= MOST:
                _end(self._unfinished.pop(next(iter(self._unfinished))))
            self._unfinished[job_id(call.id)] = ruling.judges
        return self.announced(ruling_rows(ruling, call, mode, completion_id))

    def unfinished(self, job: str) -> dict[int, Judges]:
        """The judges that are at work for this job already, by the choice they judge; the caller's from now on."""
        return self._unfinished.pop(job, {})

    def announced(self, rows: Sequence[Enclosure]) -> tuple[Enclosure, ...]:
        """The rows with what tells others of them, counted."""
        more: list[Enclosure] = []
        for row in rows:
            if type(row) is EvaluationRow:
                self._count(f"evaluation {row.status}")
                more += self._heard(row)
            elif type(row) is VerdictRow:
                self._count(f"verdict {row.status}")
        return (*rows, *more)

    def close(self) -> None:
        """Ends the judges that nobody waits for."""
        for judges in self._unfinished.values():
            _end(judges)
        self._unfinished.clear()

    def _count(self, name: str) -> None:
        self.counted[name] = self.counted.get(name, 0) + 1


def _end(judges: dict[int, Judges]) -> None:
    for task in judges.values():
        task.cancel()

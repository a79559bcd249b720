"""The trial of one choice of an answer: judged, mended, corrected, and judged again, until it passes or nothing helps.

Kinds that need no model come first, and what they find is put right without a model where that can be; a model judges
only what they let through. Each correction is judged like an answer, there are at most `rounds` of them, and one that
says nothing new ends the trial.
"""

import asyncio

from msgspec import structs

from parley.core.errors import GatewayError
from parley.core.reply import Choice, ToolCall
from parley.evaluation.panel import Panel
from parley.evaluation.ports import Asker
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import ERROR, FAULT, Verdict, faults

Verdicts = tuple[Verdict, ...]
TOOLS = "tool_call"
"""The kind of sentinel whose faults are in the tool calls themselves."""


class Trial:
    """One choice before its panel.

    `first` is what each sentinel said when it was first asked, `last` what is known of `best`, the answer to give.
    `settled`: every sentinel has judged `best`; `passed`: none found a fault, and none failed.
    """

    def __init__(
        self,
        subject: Subject,
        panel: Panel,
        ask: Asker,
        *,
        rounds: int,
        deadline: float,
        thorough: bool = True,
        text: bool = True,
    ) -> None:
        """`deadline` in event-loop time, for every question; `thorough`: an answer that stays at fault is judged on.

        Without `text` the text can not be changed any more, because it was seen.
        """
        self.original = self.best = subject
        self.first: dict[str, Verdict] = {}
        self.last: Verdicts = ()
        self.rounds = 0
        self.cost_usd: float | None = None
        self.settled = False
        self.passed = False
        self.reason: str | None = None
        self.judges: asyncio.Task[Verdicts] | None = None  # at work on `best`
        self._panel = panel
        self._ask = ask
        self._most = rounds
        self._deadline = deadline
        self._thorough = thorough
        self._text = text
        self.altered = False  # it was corrected before the trial
        self._clean = False  # `best` passed the kinds that need no model

    @property
    def corrected(self) -> bool:
        """Whether the answer to give is another one than the model's."""
        return self.altered or self.best is not self.original

    async def run(self) -> None:
        """Holds the trial. Being cancelled leaves `best` and what is known of it as they are."""
        await self._until_it_passes()
        if not self.settled and self._thorough:  # whatever is given is judged to the end
            await self._judged(self.best, self.last)

    async def _until_it_passes(self) -> None:
        subject, seen = self.original, set[tuple[str, tuple[ToolCall, ...]]]()
        while (subject.text, subject.tools) not in seen:
            seen.add((subject.text, subject.tools))
            verdicts = await self._panel.look(subject)
            self.note(verdicts)
            better = None
            if faults(verdicts):
                if subject is self.original:
                    self.last = verdicts
                better = self._mended(subject, verdicts)
            else:
                verdicts = await self._judged(subject, verdicts)
                if not faults(verdicts):
                    return
            better = better or await self._corrected(subject, verdicts)
            if better is None:
                return
            subject = better
        self.reason = "The correction said the same again."

    def note(self, verdicts: Verdicts) -> None:
        """Keeps what each sentinel said first."""
        for verdict in verdicts:
            self.first.setdefault(verdict.sentinel, verdict)

    async def _judged(self, subject: Subject, fast: Verdicts) -> Verdicts:
        """All verdicts on `subject`.

        It is the answer to give at once where no better one than the model's is known, else only when it has passed.
        """
        taken = not self._clean
        if taken:
            self.best, self.last, self._clean = subject, fast, True
        slow = await self._asked(subject, taken) if self._panel.has_slow else ()
        self.note(slow)
        verdicts = (*fast, *slow)
        passed = not any(verdict.status in (FAULT, ERROR) for verdict in verdicts)
        if taken or passed:
            self.best, self.last, self.settled, self.passed = subject, verdicts, True, passed
        elif not faults(verdicts):
            self.reason = "The correction could not be judged."
        return verdicts

    async def _asked(self, subject: Subject, taken: bool) -> Verdicts:
        judges = asyncio.ensure_future(self._panel.slow(subject, self._ask, self._deadline))
        if not taken:
            return await judges
        self.judges = judges  # who gives up waiting may let them finish in the background
        slow = await asyncio.shield(judges)
        self.judges = None
        return slow

    def _mended(self, subject: Subject, fast: Verdicts) -> Subject | None:
        mended = self._panel.mend(subject, fast)
        if mended is None or (mended.text, mended.tools) == (subject.text, subject.tools):
            return None
        if mended.text != subject.text and not self._text:
            return None
        return structs.replace(subject, text=mended.text, tools=mended.tools)

    async def _corrected(self, subject: Subject, verdicts: Verdicts) -> Subject | None:
        """The model's next answer; None where there is none."""
        if self.rounds >= self._most:
            if self.rounds and self.reason is None:
                self.reason = f"It was still at fault after {self.rounds} corrections."
            return None
        self.rounds += 1
        try:
            asked = await self._ask(self._panel.correction(subject, verdicts), "correction", self._deadline)
        except GatewayError as error:
            self.reason = f"The correction failed: {error.message}"
            return None
        if asked.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + asked.cost_usd
        if not asked.reply.choices:
            self.reason = "The correction was empty."
            return None
        return _in_place_of(subject, asked.reply.choices[0], verdicts)


def _in_place_of(subject: Subject, choice: Choice, verdicts: Verdicts) -> Subject:
    """The corrected answer; tool calls that nobody blamed stay as they are where the correction repeats none."""
    tools = choice.tools
    if not tools and not any(verdict.kind == TOOLS for verdict in faults(verdicts)):
        tools = subject.tools
    finish = "tool_calls" if tools and not choice.tools else choice.finish
    return structs.replace(subject, text=choice.text or "", tools=tools, finish=finish, refusal=choice.refusal)

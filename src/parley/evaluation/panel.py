"""The panel: the sentinels of one application and intent, ready to judge, to mend and to ask for a correction."""

import asyncio
import time
from zlib import crc32

from msgspec import structs

from parley.core.asks import Chat
from parley.evaluation.check import Finding, Instrument
from parley.evaluation.correction import again, onward
from parley.evaluation.judge import Judges
from parley.evaluation.look import Look
from parley.evaluation.mending import Mended, mend
from parley.evaluation.ports import Asker
from parley.evaluation.sentinel import Sentinel
from parley.evaluation.subject import Subject, with_text
from parley.evaluation.verdict import ERROR, Verdict

LONGEST = 256_000
"""Characters of an answer that kinds without a model look at: none takes a second for it; a longer one is ERROR."""

CALLS = "tool_calls"

LONG = 32_000
"""Characters from which looking takes more than a few milliseconds: then it belongs into a thread."""


class Panel:
    """Judges answers. One panel serves all requests of an application and intent; it holds no state of theirs."""

    def __init__(self, sentinels: tuple[Sentinel, ...], judge: str | None = None) -> None:
        """`judge` is the application's: asked by llm sentinels that name none; else the model that answered judges."""
        self.sentinels = tuple(sentinel for sentinel in sentinels if sentinel.enabled)
        self._by_name = {sentinel.name: sentinel for sentinel in self.sentinels}
        self._fast = tuple((s, s.instrument) for s in self.sentinels if s.instrument is not None)
        self._slow = tuple(sentinel for sentinel in self.sentinels if sentinel.asking is not None)
        self._growing = tuple((s, i) for s, i in self._fast if i.grows)
        self._judge = judge
        self._judges = Judges()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to judge."""
        return not self.sentinels

    @property
    def has_slow(self) -> bool:
        """Whether a model is asked (kind `llm`)."""
        return bool(self._slow)

    def draws(self, request: str) -> bool:
        """Whether any sentinel looks at this request; a `sample` may leave it to chance."""
        return any(_drawn(sentinel, request) for sentinel in self.sentinels)

    @property
    def watches_streams(self) -> bool:
        """Whether a sentinel can find a fault in an answer that still grows (see `window.py`)."""
        return bool(self._growing)

    def fast(self, subject: Subject) -> tuple[Verdict, ...]:
        """The verdicts of all kinds that need no model, in the sentinels' order. Never raises, never waits.

        Sentinels that are not drawn for this request (`sample`, by `subject.id`) give no verdict. For texts of more
        than `LONG` characters see `look`.
        """
        return _looked(self._fast, subject)

    async def look(self, subject: Subject) -> tuple[Verdict, ...]:
        """As `fast`; a long answer is looked at in a thread, so that the event loop goes on."""
        if len(subject.text) + len(subject.context) <= LONG:
            return self.fast(subject)
        return await asyncio.to_thread(self.fast, subject)

    def glance(self, subject: Subject, start: int = 0) -> tuple[Verdict, ...]:
        """As `fast`, of a text that still grows: only the kinds for which that means something.

        Kinds that do not need its beginning look at it from `start` on.
        """
        if not start:
            return _looked(self._growing, subject)
        part = with_text(subject, subject.text[start:])
        whole = _looked(tuple([(s, i) for s, i in self._growing if i.whole]), subject)
        return (*whole, *[_moved(v, start) for v in _looked(tuple([p for p in self._growing if not p[1].whole]), part)])

    async def slow(self, subject: Subject, ask: Asker, deadline: float) -> tuple[Verdict, ...]:
        """The verdicts of the llm kinds, asked in parallel, in the sentinels' order; never later than `deadline`.

        `deadline` is event-loop time. A judge that fails, is late or answers prose gives ERROR with the reason.
        Raises nothing but CancelledError.
        """
        drawn = [sentinel for sentinel in self._slow if _drawn(sentinel, subject.id)]
        if not drawn:
            return ()
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(self._judges.verdict(s, subject, self._judge_of(s, subject), ask, deadline))
                for s in drawn
            ]
        return tuple(task.result() for task in asked)

    def mend(self, subject: Subject, verdicts: tuple[Verdict, ...]) -> Mended | None:
        """The answer with what can be put right without a model put right; None where nothing can.

        The result must be judged again (`subject` with its text and tools). Takes microseconds, but for broken JSON
        (tens of milliseconds for 32,000 characters; longer ones are left to the model).
        """
        return mend(subject, verdicts, self._by_name)

    def correction(self, subject: Subject, verdicts: tuple[Verdict, ...]) -> Chat:
        """The question that asks the model for a better answer: what was asked, the answer, and its faults.

        It keeps the ask's sampling, response format and tools; `n` is 1, `stream` is unset, `model` is
        `subject.model`. The choice that comes back is the corrected answer, whole.
        """
        return again(subject, verdicts, self._by_name)

    def continuation(self, subject: Subject, sent: str, verdicts: tuple[Verdict, ...]) -> Chat:
        """As `correction`, for a stream: the client has `sent` already; only what follows it is asked for."""
        return onward(subject, sent, verdicts, self._by_name)

    def _judge_of(self, sentinel: Sentinel, subject: Subject) -> str:
        own = sentinel.asking.judge if sentinel.asking else None
        return own or self._judge or subject.model


def _drawn(sentinel: Sentinel, request: str) -> bool:
    """Whether a sampled sentinel looks at this request; the same every time it is asked."""
    return sentinel.sample >= 1 or crc32(f"{sentinel.name}\0{request}".encode()) < sentinel.sample * 2**32


def _moved(verdict: Verdict, by: int) -> Verdict:
    """The verdict with its places told in a longer text."""
    if not verdict.spans:
        return verdict
    return structs.replace(verdict, spans=tuple((start + by, end + by) for start, end in verdict.spans))


def _looked(instruments: tuple[tuple[Sentinel, Instrument], ...], subject: Subject) -> tuple[Verdict, ...]:
    text = Look(subject)
    calls = Look(subject, calls=True) if subject.tools else text
    return tuple(
        [
            _verdict(sentinel, instrument, calls if CALLS in sentinel.include else text)
            for sentinel, instrument in instruments
            if sentinel.sample >= 1 or _drawn(sentinel, subject.id)
        ]
    )


def _verdict(sentinel: Sentinel, instrument: Instrument, look: Look) -> Verdict:
    began = time.perf_counter()
    subject = look.subject
    if len(look.text) > LONGEST:
        words = f"The answer has {len(look.text)} characters; {LONGEST} are looked at most."
        finding = Finding(ERROR, words)
    else:
        try:
            finding = instrument.check(look)
        except (ValueError, RecursionError) as error:
            finding = Finding(ERROR, f"The sentinel could not judge: {error}.")
    return Verdict(
        sentinel=sentinel.name,
        kind=sentinel.kind,
        status=finding.status,
        description=finding.description,
        severity=sentinel.severity,
        confidence=0.0 if finding.status == ERROR else 100.0,
        choice=subject.choice,
        ms=(time.perf_counter() - began) * 1000,
        spans=finding.spans,
        correction=finding.correction,
    )

"""The panel: the sentinels of one application and intent, ready to judge, to mend and to ask for a correction."""

from msgspec import Struct

from parley.core.asks import Chat
from parley.core.reply import ToolCall
from parley.evaluation.ports import Asker
from parley.evaluation.sentinel import Sentinel
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Verdict


class Mended(Struct, frozen=True, kw_only=True):
    """An answer that was put right without a model; `by` names the sentinels whose faults are gone."""

    text: str
    tools: tuple[ToolCall, ...] = ()
    by: tuple[str, ...] = ()


class Panel:
    """Judges answers. One panel serves all requests of an application and intent; it holds no state of theirs."""

    def __init__(self, sentinels: tuple[Sentinel, ...], judge: str | None = None) -> None:
        """`judge` is the application's: asked by llm sentinels that name none; else the model that answered judges."""
        self.sentinels = tuple(sentinel for sentinel in sentinels if sentinel.enabled)
        self._judge = judge

    @property
    def empty(self) -> bool:
        """Whether there is nothing to judge."""
        return not self.sentinels

    @property
    def has_slow(self) -> bool:
        """Whether a model is asked (kind `llm`)."""
        return any(sentinel.check is None for sentinel in self.sentinels)

    def fast(self, subject: Subject) -> tuple[Verdict, ...]:
        """The verdicts of all kinds that need no model, in the sentinels' order. Never raises, never waits.

        Sentinels that are not drawn for this request (`sample`, by `subject.id`) give no verdict.
        """
        raise NotImplementedError

    async def slow(self, subject: Subject, ask: Asker, deadline: float) -> tuple[Verdict, ...]:
        """The verdicts of the llm kinds, asked in parallel, in the sentinels' order; never later than `deadline`.

        `deadline` is event-loop time. A judge that fails, is late or answers prose gives ERROR with the reason.
        Raises nothing but CancelledError.
        """
        raise NotImplementedError

    def mend(self, subject: Subject, verdicts: tuple[Verdict, ...]) -> Mended | None:
        """The answer with what can be put right without a model put right; None where no fault can.

        The result must be judged again (`subject` with its text and tools).
        """
        raise NotImplementedError

    def correction(self, subject: Subject, verdicts: tuple[Verdict, ...]) -> Chat:
        """The question that asks the model for a better answer: what was asked, the answer, and its faults.

        It keeps the ask's sampling, response format and tools; `n` is 1, `stream` is unset, `model` is
        `subject.model`. The choice that comes back is the corrected answer, whole.
        """
        raise NotImplementedError

    def continuation(self, subject: Subject, sent: str, verdicts: tuple[Verdict, ...]) -> Chat:
        """As `correction`, for a stream: the client has `sent` already; only what follows it is asked for."""
        raise NotImplementedError

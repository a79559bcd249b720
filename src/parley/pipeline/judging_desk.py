"""The desk: one choice of a stream while it is judged; what may go out goes out as the events that came, if it can.

Pure: events go in, events come out. Text is held back by the window; tool calls and the end of the choice until the
whole is judged; everything, where a sentinel needs the whole text.
"""

from collections import deque
from collections.abc import Iterable

from msgspec import structs

from parley.core.fold import Fold
from parley.core.reply import Choice, Delta, Event, ToolDelta
from parley.evaluation.panel import Panel
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Verdict
from parley.evaluation.window import Release, Window

WHOLE = frozenset({"json", "json_schema"})
"""Kinds that judge, and mend, nothing but a whole text."""
MENDS = 100
"""Mends of one choice; an answer that needs more is left to a model, or to itself."""


class Desk:
    """One choice. `faulty` is set where the stream can not go on before somebody has found a better continuation."""

    def __init__(self, subject: Subject, panel: Panel) -> None:
        """`subject` without its text."""
        self.index = subject.choice
        self.window = Window(panel, subject)
        self.faults: tuple[Verdict, ...] = ()  # what was found before it was seen
        self.faulty: Release | None = None
        self.corrected = False
        self.closed = False  # it has its end; what still comes from upstream is dropped
        self._whole = any(sentinel.kind in WHOLE for sentinel in panel.sentinels)
        self._open = not (self._whole or panel.watches_streams)  # nothing is held back, or not any more
        self._plain = True  # what the window lets out is what the held events say
        self._held: deque[Event] = deque()
        self._late: list[Event] = []  # tool calls and the finish
        self._fold = Fold()
        self._given: list[str] = []
        self._sent = 0  # characters of it
        self._corrected_until = 0
        self._mends = 0

    @property
    def begun(self) -> bool:
        """Whether the client has seen any of the text."""
        return self._sent > 0

    @property
    def given(self) -> str:
        """The text that the client has seen, or will with what goes out now."""
        return "".join(self._given)

    @property
    def said(self) -> Choice:
        """All that the model said so far."""
        choices = self._fold.reply(id="", model="", created=0).choices
        return choices[0] if choices else Choice(index=self.index)

    @property
    def intact(self) -> bool:
        """Whether what is held is what the model said."""
        return self._plain

    def take(self, event: Event) -> list[Event]:
        """What may go out now that `event`, of one delta, is here."""
        if self.closed:
            return []
        self._fold.add(event)
        delta = event.deltas[0]
        if delta.tools or delta.finish:
            self._late.append(event)
            return self._feed(event, delta) if delta.text else []
        if self._open or not (delta.text or self._held):
            self._give(delta.text or "")
            return [event]
        return self._feed(event, delta)

    def flush(self) -> list[Event]:
        """The text is complete: what of the rest may go out. Nothing is held where it is judged whole."""
        return [] if self._whole or self._open or self.closed else self._let_out(self.window.flush())

    def give_up(self) -> list[Event]:
        """Nothing better was found: the model's own words go out, and nothing is held back from here on."""
        rest, self.faulty, self._open = self._rest(), None, True
        return rest

    def end_with(self, text: str) -> list[Event]:
        """Ends the choice with `text` in the place of what is held."""
        self.faulty, self.closed, self.corrected = None, True, True
        self._held.clear()
        self._late.clear()
        self._give(text)
        return [Event(deltas=(Delta(index=self.index, text=text, corrected=True),))] if text else []

    def as_it_is(self) -> list[Event]:
        """Everything that is held, as it came."""
        return [*self._rest(), *self._late]

    def as_judged(self, subject: Subject) -> list[Event]:
        """What is held, as it was corrected: the text, where the client saw none, then tool calls and the finish."""
        index = self.index
        tools = tuple(
            ToolDelta(index=place, id=call.id, name=call.name, arguments=call.arguments)
            for place, call in enumerate(subject.tools)
        )
        text = None if self.begun else subject.text or None
        said = Delta(index=index, text=text, refusal=subject.refusal, tools=tools, corrected=True)
        begin = [event for event in self._held if not event.deltas[0].text]
        return [*begin, Event(deltas=(said,)), Event(deltas=(Delta(index=index, finish=subject.finish or "stop"),))]

    def end(self, finish: str | None) -> list[Event]:
        """The end of a choice that was closed before."""
        return [Event(deltas=(Delta(index=self.index, finish=finish or "stop"),))]

    def _feed(self, event: Event, delta: Delta) -> list[Event]:
        if not (delta.tools or delta.finish):
            self._held.append(event)
        elif delta.text:
            self._held.append(Event(deltas=(Delta(index=self.index, text=delta.text),), id=event.id, model=event.model))
            self._late[-1] = structs.replace(event, deltas=(structs.replace(delta, text=None),), raw=None)
        if self._whole or not delta.text:
            return []
        return self._let_out(self.window.feed(delta.text))

    def _let_out(self, release: Release) -> list[Event]:
        out = self._events(release.text)
        while release.faults:
            self.faults += release.faults
            self._mends += 1
            if release.mended is None or self._mends > MENDS:
                self.faulty = release
                break
            out += [event for event in self._held if not event.deltas[0].text]
            self._held.clear()
            self._plain, self.corrected = False, True
            self._corrected_until = self._sent + len(release.mended)
            release = self.window.replace(release.mended)
            out += self._events(release.text)
        return out

    def _events(self, text: str) -> list[Event]:
        if not self._plain:
            self._held.clear()
            corrected = self._sent < self._corrected_until
            self._give(text)
            return [Event(deltas=(Delta(index=self.index, text=text, corrected=corrected),))] if text else []
        out, left = [], len(text)
        self._give(text)
        while self._held:
            event = self._held[0]
            said = event.deltas[0].text or ""
            if len(said) <= left:
                out.append(self._held.popleft())
                left -= len(said)
                continue
            if left:
                out.append(_part(event, said[:left]))
                self._held[0] = _part(event, said[left:])
            break
        return out

    def _rest(self) -> list[Event]:
        if self._plain:
            rest = list(self._held)
            self._held.clear()
            self._give("".join(event.deltas[0].text or "" for event in rest))
            return rest
        return [] if self.faulty is None else self._events(self.faulty.held)

    def _give(self, text: str) -> None:
        if text:
            self._given.append(text)
            self._sent += len(text)


def _part(event: Event, text: str) -> Event:
    return Event(deltas=(structs.replace(event.deltas[0], text=text, logprobs=None),), id=event.id, model=event.model)


def split(events: Iterable[Event]) -> list[Event]:
    """The same events with at most one delta each."""
    apart = []
    for event in events:
        if len(event.deltas) < 2:
            apart.append(event)
            continue
        apart += [Event(deltas=(delta,), id=event.id, model=event.model) for delta in event.deltas]
        if event.usage is not None or event.notes is not None:
            apart.append(structs.replace(event, deltas=(), raw=None))
    return apart

"""The window of a stream: what may go out already, held back at most a sentence, judged by the fast kinds. No I/O."""

from msgspec import Struct, structs

from parley.evaluation.panel import Panel
from parley.evaluation.sentences import next_end
from parley.evaluation.subject import Subject, with_text
from parley.evaluation.verdict import Verdict, faults

LONGEST_HELD = 600
"""Characters after which a text without a sentence's end is let out at a space, or as it is."""

WHOLE = 8000
"""Characters of what was sent that are looked at together with the next sentence; of more, only the last ones."""


class Release(Struct, frozen=True):
    """What a window lets out. With `faults`, `text` is what came before the fault and nothing more comes out:

    `held` is the faulty rest (everything fed and not released), `mended` the same put right without a model, if that
    can be. The caller either calls `Window.replace(mended)` and goes on feeding, or asks for a continuation.
    """

    text: str = ""
    faults: tuple[Verdict, ...] = ()
    held: str = ""
    mended: str | None = None


NOTHING = Release()


class Window:
    """Holds back the text of one choice until a sentence is whole and the fast kinds let it through.

    Text goes in by `feed`, in whatever pieces; what comes out, joined, is the same text up to the first fault. The
    places where sentences end do not depend on where the pieces were cut.
    """

    def __init__(self, panel: Panel, subject: Subject) -> None:
        """`subject` is the request's, without text: its `id`, `chat`, `context`, `choice` and `model` count."""
        self._panel = panel
        self._subject = structs.replace(subject, text="", tools=(), finish=None, refusal=None)
        self._held = ""
        self.sent = ""  # everything that was released
        self._faulty = False

    def feed(self, text: str) -> Release:
        """Takes more text; answers what may go out now (often nothing)."""
        self._held += text
        if self._faulty:
            return NOTHING
        return self._let_out(last=False)

    def flush(self) -> Release:
        """The text is complete: judges and releases the rest.

        Kinds that need the whole answer (json, contains, length's `min`, truncated, tool calls) are not judged here:
        ask `Panel.fast` with the whole subject.
        """
        return NOTHING if self._faulty else self._let_out(last=True)

    def replace(self, text: str) -> Release:
        """Puts `text` in the place of what is held after a fault, and goes on; answers what may go out now."""
        self._held, self._faulty = text, False
        return self._let_out(last=False)

    def _let_out(self, *, last: bool) -> Release:
        """Sentence by sentence, so that the same ones are judged together however the text came in."""
        held, start, before = self._held, 0, len(self.sent)
        found: tuple[Verdict, ...] = ()
        while start < len(held) and (end := _end(held, start, last=last)):
            self.sent += held[start:end]
            found = faults(self._panel.glance(with_text(self._subject, self.sent), max(0, len(self.sent) - WHOLE)))
            if found:
                self.sent = self.sent[: start - end]
                break
            start = end
        self._held = held[start:]
        out = self.sent[before:]
        if not found:
            return Release(out) if out else NOTHING
        self._faulty = True
        return Release(out, found, self._held, self._mended(held[start:end], found))

    def _mended(self, sentence: str, found: tuple[Verdict, ...]) -> str | None:
        """What is held, its first sentence put right without a model, if that changes nothing that was sent."""
        mended = self._panel.mend(with_text(self._subject, self.sent + sentence), found)
        if mended is None or not mended.text.startswith(self.sent):
            return None
        better = mended.text[len(self.sent) :]
        whole = with_text(self._subject, mended.text)
        if faults(self._panel.glance(whole, max(0, len(mended.text) - WHOLE))):
            return None
        return better + self._held[len(sentence) :]


def _end(text: str, start: int, *, last: bool) -> int:
    """Where the sentence that begins at `start` ends; 0 where that is not known yet."""
    end = next_end(text, start, last=last)
    if 0 < end - start <= LONGEST_HELD:
        return end
    if len(text) - start <= LONGEST_HELD:
        return len(text) if last else 0
    middle, most = start + LONGEST_HELD // 2, start + LONGEST_HELD
    return text.rfind(" ", middle, most) + 1 or most

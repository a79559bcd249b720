"""The window of a stream: what may go out already, held back at most a sentence, judged by the fast kinds. No I/O."""

from msgspec import Struct

from parley.evaluation.panel import Panel
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import Verdict


class Release(Struct, frozen=True):
    """What a window lets out. With `faults`, `text` is what came before the fault and nothing more comes out:

    `held` is the faulty rest (everything fed and not released), `mended` the same put right without a model, if that
    can be. The caller either calls `Window.replace(mended)` and goes on feeding, or asks for a continuation.
    """

    text: str = ""
    faults: tuple[Verdict, ...] = ()
    held: str = ""
    mended: str | None = None


class Window:
    """Holds back the text of one choice until a sentence is whole and the fast kinds let it through.

    Text goes in by `feed`, in whatever pieces; what comes out, joined, is the same text up to the first fault. The
    places where sentences end do not depend on where the pieces were cut.
    """

    def __init__(self, panel: Panel, subject: Subject) -> None:
        """`subject` is the request's, without text: its `id`, `chat`, `context`, `choice` and `model` count."""
        self._panel = panel
        self._subject = subject
        self.sent = ""  # everything that was released

    def feed(self, text: str) -> Release:
        """Takes more text; answers what may go out now (often nothing)."""
        raise NotImplementedError

    def flush(self) -> Release:
        """The text is complete: judges and releases the rest. Kinds that need the whole answer (json, contains,
        length's `min`, truncated, tool calls) are not judged here: ask `Panel.fast` with the whole subject."""
        raise NotImplementedError

    def replace(self, text: str) -> Release:
        """Puts `text` in the place of what is held after a fault, and goes on; answers what may go out now."""
        raise NotImplementedError

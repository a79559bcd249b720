"""What all readers of upstream streams share: frames in, events out, a failure in its order, the end checked."""

from collections.abc import Sequence
from typing import Protocol

from parley.core.errors import UpstreamCut, UpstreamError, UpstreamGarbled
from parley.core.reply import Event


class Frame(Protocol):
    """One framed piece of a stream, and its name where it has one."""

    @property
    def data(self) -> bytes:
        """The payload."""

    @property
    def event(self) -> bytes | None:
        """The name."""


class Framing(Protocol):
    """Cuts bytes into frames. Raises ValueError for bytes that can not be framed."""

    def feed(self, data: bytes) -> Sequence[Frame]:
        """The frames that are whole now."""

    def flush(self) -> Sequence[Frame]:
        """What the end of the bytes left of a frame."""


class EventStream:
    """One upstream stream. Once `done`, nothing more will come: stop reading and call `flush`."""

    def __init__(self, framing: Framing) -> None:
        self.done = False
        self._framing = framing
        self._failure: UpstreamError | None = None

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes. Those that came before a failure are returned; `flush` then raises it.

        Raises UpstreamRefused for an error that the upstream reports, UpstreamGarbled for nonsense.
        """
        events: list[Event] = []
        if self.done:
            return events
        try:
            for frame in self._framing.feed(data):
                event = self.read(frame)
                if event is not None:
                    events.append(event)
                if self.done:
                    break
        except ValueError as error:
            self._failure = UpstreamGarbled(f"The upstream's stream can not be read. {error}")
        except UpstreamError as error:
            self._failure = error
        if self._failure is not None:
            self.done = True
            if not events:
                raise self._failure
        return events

    def flush(self) -> list[Event]:
        """The rest, at the end of the bytes. Raises UpstreamCut unless the answer is whole, or the failure kept."""
        if self._failure is not None:
            raise self._failure
        events: list[Event] = []
        if not self.done:
            try:  # some upstreams forget the last blank line; a frame that was cut is no JSON
                events = [event for frame in self._framing.flush() if (event := self.read(frame)) is not None]
            except (UpstreamGarbled, ValueError):
                events = []
            if not self.done and not self.whole():
                raise UpstreamCut("The upstream closed the connection before its answer was complete.")
        self.done = True
        return events

    def read(self, frame: Frame) -> Event | None:
        """The event of one frame; sets `done` where the frame ends the stream. Raises UpstreamError."""
        raise NotImplementedError

    def whole(self) -> bool:
        """Whether what came so far is a whole answer, although the stream did not say that it ends."""
        return False

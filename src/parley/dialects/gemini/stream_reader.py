"""Reads the stream of a Gemini upstream (`alt=sse`): each event is a response with the next piece of each candidate.

Nothing says that the stream ends: it is whole when every candidate has its finish reason. Token counts come with each
piece, cumulative.
"""

from parley.core.event_stream import EventStream, Frame
from parley.core.reply import Event
from parley.dialects.gemini.candidates import Candidates
from parley.dialects.gemini.replies import read_response
from parley.dialects.gemini.shapes import NAME
from parley.wire.sse import SseDecoder


class StreamReader(EventStream):
    """One stream of responses of the service `issuer`."""

    def __init__(self, issuer: str = NAME) -> None:
        super().__init__(SseDecoder())
        self._candidates = Candidates(issuer)

    def read(self, frame: Frame) -> Event | None:
        """The event of one response."""
        return self._candidates.event(read_response(frame.data), frame.data) if frame.data else None

    def whole(self) -> bool:
        """Whether every candidate that began has ended."""
        return self._candidates.whole

"""Reads an upstream's stream: bytes as they come from the network in, events out.

Unlike a whole reply a stream can end too early, so its end is checked: either the upstream says `[DONE]`, or every
choice that began has its finish reason. Comments, CRLF, Azure's empty first chunk, chunks of usage alone and chunks
without `choices` are all seen in the wild (2026-08).
"""

import msgspec
from msgspec import DecodeError

from parley.core.errors import UpstreamGarbled
from parley.core.event_stream import EventStream, Frame
from parley.core.reply import Delta, Event, Raw
from parley.dialects.openai_chat.replies import refused_in_band
from parley.dialects.openai_chat.shapes import NAME, ReadChoice, ReadMessage, ReadReply
from parley.wire.sse import SseDecoder

_CHUNK = msgspec.json.Decoder(ReadReply)
_NO_DELTA = ReadMessage()


class StreamReader(EventStream):
    """One upstream stream of chat completion chunks."""

    def __init__(self) -> None:
        super().__init__(SseDecoder())
        self._open: dict[int, bool] = {}  # choices seen, and whether each still goes on

    def read(self, frame: Frame) -> Event | None:
        """The event of one chunk."""
        data = frame.data
        if data == b"[DONE]" or not data:
            self.done = bool(data)
            return None
        try:
            chunk = _CHUNK.decode(data)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UpstreamGarbled(f"The upstream's stream holds what is not a chunk: {error}.") from None
        if chunk.error or frame.event == b"error":
            raise refused_in_band(chunk.error or msgspec.json.decode(data))
        return Event(
            deltas=tuple([self._delta(choice) for choice in chunk.choices]) if chunk.choices else (),
            usage=chunk.usage.canon() if chunk.usage is not None else None,
            id=chunk.id or None,
            model=chunk.model or None,
            raw=Raw(NAME, data),
        )

    def whole(self) -> bool:
        """Whether every choice that began has its finish reason."""
        return bool(self._open) and not any(self._open.values())

    def _delta(self, choice: ReadChoice) -> Delta:
        index, finish = choice.index, choice.finish_reason
        self._open[index] = self._open.get(index, True) and finish is None
        read = choice.delta or choice.message or _NO_DELTA
        if read.tool_calls is None and read.reasoning_content is None and read.function_call is None:
            return Delta(
                index=index,
                role=read.role,
                text=read.text(),
                refusal=read.refusal,
                reasoning=read.thought() if read.reasoning is not None else None,
                thinking=tuple(read.thinking_blocks) if read.thinking_blocks else (),
                logprobs=choice.logprobs,
                finish=finish,
            )
        return Delta(
            index=index,
            role=read.role,
            text=read.text(),
            refusal=read.refusal,
            reasoning=read.thought(),
            thinking=tuple(read.thinking_blocks or ()),
            tools=read.tool_deltas(),
            logprobs=choice.logprobs,
            finish=finish,
        )

"""Reads the stream of an Anthropic upstream: named events with content blocks that start, grow and stop.

A whole stream ends with `message_stop`; types of events and deltas that are not known are passed over, as the API's
versioning policy asks. Token counts come with `message_start` and, cumulative, with `message_delta`.
"""

from collections.abc import Callable

import msgspec
from msgspec import DecodeError, Struct

from parley.core.errors import UpstreamGarbled
from parley.core.event_stream import EventStream, Frame
from parley.core.reply import Delta, Event, Json, ToolDelta
from parley.core.reply import Raw as RawReply
from parley.dialects.anthropic_messages.replies import (
    FINISHES,
    NAME,
    Block,
    ReadUsage,
    StopDetails,
    arguments,
    block_json,
    told_error,
)
from parley.wire.sse import SseDecoder


class _Message(Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    usage: ReadUsage | None = None


class _Delta(Struct, frozen=True):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None
    stop_details: StopDetails | None = None


class _Read(Struct, frozen=True):
    type: str = ""
    index: int = 0
    message: _Message = _Message()
    content_block: Block = Block()
    delta: _Delta = _Delta()
    usage: ReadUsage | None = None
    error: Json = None


class _Growing:
    """A content block as it grows; a tool call knows its place among the tool calls."""

    __slots__ = ("arguments_told", "signature", "start", "thinking", "tool")

    def __init__(self, start: Block, tool: int) -> None:
        self.start = start
        self.tool = tool
        self.thinking: list[str] = [start.thinking] if start.thinking else []
        self.signature = start.signature or ""
        self.arguments_told = False


_EVENT = msgspec.json.Decoder(_Read)


class StreamReader(EventStream):
    """One upstream stream of a message."""

    def __init__(self) -> None:
        super().__init__(SseDecoder())
        self._id: str | None = None
        self._model: str | None = None
        self._usage = ReadUsage()
        self._blocks: dict[int, _Growing] = {}
        self._tools = 0
        self._readers: dict[str, Callable[[_Read], Event | None]] = {
            "message_start": self._message_start,
            "content_block_start": self._block_start,
            "content_block_delta": self._block_delta,
            "content_block_stop": self._block_stop,
            "message_delta": self._message_delta,
        }

    def read(self, frame: Frame) -> Event | None:
        """The event of one frame, if it says anything."""
        if not frame.data:
            return None
        try:
            read = _EVENT.decode(frame.data)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UpstreamGarbled(f"The upstream's stream holds what is not an event: {error}.") from None
        if read.type == "error" or read.error:
            raise told_error(read.error or {})
        if read.type == "message_stop":
            self.done = True
            return None
        reader = self._readers.get(read.type)
        event = reader(read) if reader is not None else None
        return msgspec.structs.replace(event, raw=RawReply(NAME, frame.data)) if event is not None else None

    def _told(self, delta: Delta) -> Event:
        return Event(deltas=(delta,), id=self._id, model=self._model)

    def _message_start(self, read: _Read) -> Event:
        self._id, self._model = read.message.id, read.message.model
        self._usage = read.message.usage or self._usage
        # the prompt's tokens are counted even if the client leaves before the end
        deltas = (Delta(role="assistant"),)
        return Event(deltas=deltas, usage=self._usage.canon(), id=self._id, model=self._model)

    def _block_start(self, read: _Read) -> Event | None:
        block = read.content_block
        self._blocks[read.index] = _Growing(block, self._tools)
        if block.type == "tool_use":
            self._tools += 1
            return self._told(Delta(tools=(ToolDelta(index=self._tools - 1, id=block.id, name=block.name),)))
        if block.type == "text" and block.text:
            return self._told(Delta(text=block.text))
        if block.type == "thinking" and block.thinking:
            return self._told(Delta(reasoning=block.thinking))
        return None

    def _block_delta(self, read: _Read) -> Event | None:
        delta = read.delta
        if delta.type == "text_delta":
            return self._told(Delta(text=delta.text))
        block = self._blocks.get(read.index)
        if block is None:
            raise UpstreamGarbled("The upstream's stream goes on with a content block that it did not start.")
        if delta.type == "input_json_delta" and delta.partial_json and block.start.type == "tool_use":
            block.arguments_told = True
            return self._told(Delta(tools=(ToolDelta(index=block.tool, arguments=delta.partial_json),)))
        if delta.type == "thinking_delta" and delta.thinking:
            block.thinking.append(delta.thinking)
            return self._told(Delta(reasoning=delta.thinking))
        if delta.type == "signature_delta":
            block.signature += delta.signature or ""
        return None

    def _block_stop(self, read: _Read) -> Event | None:
        block = self._blocks.pop(read.index, None)
        if block is None:
            return None
        start = block.start
        if start.type == "tool_use" and not block.arguments_told:
            return self._told(Delta(tools=(ToolDelta(index=block.tool, arguments=arguments(start.input)),)))
        if start.type.endswith("thinking"):
            whole = msgspec.structs.replace(start, thinking="".join(block.thinking), signature=block.signature)
            return self._told(Delta(thinking=(block_json(whole),)))
        return None

    def _message_delta(self, read: _Read) -> Event:
        if read.usage is not None:
            self._usage = read.usage.after(self._usage)
        reason, details = read.delta.stop_reason, read.delta.stop_details
        deltas: tuple[Delta, ...] = ()
        if reason is not None:
            said = details.explanation if details is not None else None
            deltas = (Delta(refusal=said, finish=FINISHES.get(reason, "stop")),)
        return Event(deltas=deltas, usage=self._usage.canon(), id=self._id, model=self._model)

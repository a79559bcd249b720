"""Reads the stream of a Converse upstream: binary messages with content blocks that may start, grow and stop.

A whole stream says `messageStop`; `metadata` with the token counts comes after it and is the last. Only tool calls are
sure to have a start. Events that are not known are passed over.
"""

from collections.abc import Callable

import msgspec
from msgspec import DecodeError, Struct

from parley.core.errors import UpstreamGarbled
from parley.core.event_stream import EventStream, Frame
from parley.core.reply import Delta, Event, Raw, ToolDelta
from parley.dialects.bedrock_converse.errors import told_error
from parley.dialects.bedrock_converse.reasoning import thinking_block
from parley.dialects.bedrock_converse.replies import SERVER_TOOL
from parley.dialects.bedrock_converse.shapes import NAME, TokenUsage, ToolUse, finish_of
from parley.wire.event_stream_frames import EventStreamDecoder, EventStreamFrame


class _Start(Struct, frozen=True, rename="camel"):
    tool_use: ToolUse | None = None


class _ToolDelta(Struct, frozen=True):
    input: str = ""


class _ReasoningDelta(Struct, frozen=True, rename="camel"):
    text: str | None = None
    signature: str | None = None
    redacted_content: str | None = None


class _Delta(Struct, frozen=True, rename="camel"):
    text: str | None = None
    tool_use: _ToolDelta | None = None
    reasoning_content: _ReasoningDelta | None = None


class _Read(Struct, frozen=True, rename="camel"):
    content_block_index: int = 0
    start: _Start = _Start()
    delta: _Delta = _Delta()
    stop_reason: str = ""
    usage: TokenUsage | None = None


class _Growing:
    """A content block as it grows; a tool call knows its place among the tool calls."""

    __slots__ = ("arguments_told", "redacted", "signature", "thought", "tool")

    def __init__(self, tool: int | None = None) -> None:
        self.tool = tool
        self.arguments_told = False
        self.thought: list[str] = []
        self.signature = ""
        self.redacted = ""


_READ = msgspec.json.Decoder(_Read)


class StreamReader(EventStream):
    """One upstream stream of a message."""

    def __init__(self) -> None:
        super().__init__(EventStreamDecoder())
        self._stopped = False
        self._blocks: dict[int, _Growing] = {}
        self._tools = 0
        self._readers: dict[bytes, Callable[[_Read], Event | None]] = {
            b"messageStart": self._message_start,
            b"contentBlockStart": self._block_start,
            b"contentBlockDelta": self._block_delta,
            b"contentBlockStop": self._block_stop,
            b"messageStop": self._message_stop,
            b"metadata": self._metadata,
        }

    def read(self, frame: Frame) -> Event | None:
        """The event of one message, if it says anything."""
        assert isinstance(frame, EventStreamFrame)
        name = frame.event or b""
        if frame.kind != b"event":
            raise told_error(name.decode("utf-8", "replace"), frame.data, frame.message)
        reader = self._readers.get(name)
        if reader is None:
            return None
        try:
            event = reader(_READ.decode(frame.data))
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UpstreamGarbled(f"The upstream's stream holds what is not an event: {error}.") from None
        return msgspec.structs.replace(event, raw=Raw(NAME, frame.data)) if event is not None else None

    def whole(self) -> bool:
        """Whether the message stopped, even if its token counts never came."""
        return self._stopped

    def _message_start(self, _: _Read) -> Event:
        return _told(Delta(role="assistant"))

    def _block_start(self, read: _Read) -> Event | None:
        used = read.start.tool_use
        if used is None or used.type == SERVER_TOOL:
            self._blocks[read.content_block_index] = _Growing()
            return None
        self._blocks[read.content_block_index] = _Growing(self._tools)
        self._tools += 1
        return _told(Delta(tools=(ToolDelta(index=self._tools - 1, id=used.tool_use_id, name=used.name),)))

    def _block_delta(self, read: _Read) -> Event | None:
        block = self._blocks.setdefault(read.content_block_index, _Growing())
        delta = read.delta
        if delta.text is not None:
            return _told(Delta(text=delta.text))
        if delta.tool_use is not None and delta.tool_use.input and block.tool is not None:
            block.arguments_told = True
            return _told(Delta(tools=(ToolDelta(index=block.tool, arguments=delta.tool_use.input),)))
        if delta.reasoning_content is not None:
            return _thought(block, delta.reasoning_content)
        return None

    def _block_stop(self, read: _Read) -> Event | None:
        block = self._blocks.pop(read.content_block_index, None)
        if block is None:
            return None
        if block.tool is not None and not block.arguments_told:
            return _told(Delta(tools=(ToolDelta(index=block.tool, arguments="{}"),)))
        kept = thinking_block("".join(block.thought), block.signature, block.redacted)
        return _told(Delta(thinking=(kept,))) if kept is not None else None

    def _message_stop(self, read: _Read) -> Event:
        finish = finish_of(read.stop_reason)
        self._stopped = True
        return _told(Delta(finish=finish))

    def _metadata(self, read: _Read) -> Event | None:
        self.done = self._stopped
        return Event(usage=read.usage.canon()) if read.usage is not None else None


def _told(delta: Delta) -> Event:
    return Event(deltas=(delta,))


def _thought(block: _Growing, delta: _ReasoningDelta) -> Event | None:
    block.signature += delta.signature or ""
    block.redacted += delta.redacted_content or ""
    if not delta.text:
        return None
    block.thought.append(delta.text)
    return _told(Delta(reasoning=delta.text))

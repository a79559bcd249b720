"""The shapes of answers on this wire: what is read from upstreams (forgiving) and written to clients (exact)."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from parley.core.reply import Json, ToolCall, ToolDelta
from parley.core.usage_shape import UsageShape

NAME = "openai_chat"

Index = Annotated[int, Meta(ge=0, le=2**16)]


class ReadFunction(Struct, frozen=True):
    """A called function; some upstreams send `arguments` as an object instead of text."""

    name: str | None = None
    arguments: Json = None


class ReadTool(Struct, frozen=True):
    """A tool call or a piece of one; a custom tool (OpenAI, 2025-08) has `custom` with free text as `input`."""

    index: Index | None = None
    id: str | None = None
    function: ReadFunction | None = None
    custom: dict[str, Json] | None = None

    def name(self) -> str | None:
        """Of the function or the custom tool."""
        if self.custom is not None:
            return self.custom.get("name")
        return self.function.name if self.function else None

    def arguments(self) -> str:
        """As text; an object is written as JSON."""
        given = self.custom.get("input") if self.custom is not None else self.function and self.function.arguments
        if given is None or isinstance(given, str):
            return given or ""
        return msgspec.json.encode(given).decode()


class ReadMessage(Struct, frozen=True):
    """A message or a delta. `reasoning_content` is DeepSeek's, vLLM's and llama.cpp's word, `reasoning` Groq's,
    OpenRouter's and newer vLLM's; `thinking_blocks` is what Parley itself writes."""

    role: str | None = None
    content: Json = None
    refusal: str | None = None
    reasoning_content: Json = None
    reasoning: Json = None
    thinking_blocks: list[Json] | None = None
    tool_calls: list[ReadTool] | None = None
    function_call: ReadFunction | None = None

    def text(self) -> str | None:
        """The content; text parts in a list (Mistral's, with thinking) are joined."""
        if self.content is None or type(self.content) is str:
            return self.content
        return join_parts(self.content)

    def thought(self) -> str | None:
        """The readable reasoning, by whichever name it came."""
        for value in (self.reasoning_content, self.reasoning):
            if isinstance(value, str) and value:
                return value
        return None

    def whole_tools(self) -> tuple[ToolCall, ...]:
        """The tool calls of a whole message."""
        if self.tool_calls is None:
            if self.function_call is None:
                return ()
            called = ReadTool(function=self.function_call)
            return (ToolCall(id="call_0", name=called.name() or "", arguments=called.arguments()),)
        return tuple(
            ToolCall(id=call.id or f"call_{place}", name=call.name() or "", arguments=call.arguments())
            for place, call in enumerate(self.tool_calls)
        )

    def tool_deltas(self) -> tuple[ToolDelta, ...]:
        """The pieces of tool calls in a delta; one without an index is taken by its place."""
        if self.tool_calls is None:
            if self.function_call is None:
                return ()
            called = ReadTool(function=self.function_call)
            name = called.name()
            return (ToolDelta(index=0, id="call_0" if name else None, name=name, arguments=called.arguments()),)
        return tuple(
            ToolDelta(
                index=place if call.index is None else call.index,
                id=call.id or None,
                name=call.name() or None,
                arguments=call.arguments(),
            )
            for place, call in enumerate(self.tool_calls)
        )


class ReadChoice(Struct, frozen=True):
    """A choice of a whole reply (`message`) or of a chunk (`delta`)."""

    index: Index = 0
    message: ReadMessage | None = None
    delta: ReadMessage | None = None
    finish_reason: str | None = None
    logprobs: Json = None


class ReadReply(Struct, frozen=True):
    """A whole reply or a chunk, or an error where an answer should be."""

    id: str | None = None
    model: str | None = None
    created: Annotated[float, Meta(ge=0, le=2**53)] | None = None
    choices: list[ReadChoice] | None = None
    usage: UsageShape | None = None
    error: Json = None


class WriteDelta(Struct, frozen=True, omit_defaults=True):
    """What a chunk adds to a choice."""

    role: str | None = None
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    thinking_blocks: tuple[Json, ...] = ()
    tool_calls: list[Json] | None = None
    function_call: Json = None


class WriteChoice(Struct, frozen=True):
    """A choice of a chunk."""

    index: int
    delta: WriteDelta
    logprobs: Json = None
    finish_reason: str | None = None
    is_correction: bool | UnsetType = UNSET


def join_parts(content: Json) -> str | None:
    """The text of a list of content parts; None if there is none."""
    if not isinstance(content, list):
        return None
    texts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "".join(texts) if texts else None

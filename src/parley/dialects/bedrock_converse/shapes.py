"""The shapes of Converse's answers, as far as Parley reads them, and what its stop reasons and token counts mean."""

from msgspec import Raw, Struct

from parley.core.errors import UpstreamGarbled
from parley.core.reply import Usage

NAME = "bedrock_converse"

FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
"""Stop reasons (botocore 1.44.5, 2026-11); one that is not here yet is told as `stop`."""

BROKEN = frozenset({"malformed_model_output", "malformed_tool_use"})
"""Stop reasons of an answer that nobody can use; another model may do better."""


def finish_of(reason: str) -> str:
    """The finish reason. Raises UpstreamGarbled for a broken answer."""
    if reason in BROKEN:
        raise UpstreamGarbled(f"The model's answer can not be used ({reason}).")
    return FINISHES.get(reason, "stop")


class TokenUsage(Struct, frozen=True, rename="camel"):
    """Token counts; `inputTokens` leaves out what the cache gave or took."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None

    def canon(self) -> Usage:
        """The prompt is the sum of three: input, read from the cache, written to it."""
        read, written = self.cache_read_input_tokens or 0, self.cache_write_input_tokens or 0
        return Usage(
            prompt_tokens=(self.input_tokens or 0) + read + written,
            completion_tokens=self.output_tokens or 0,
            cached_tokens=read,
            cache_write_tokens=written,
        )


class ReasoningText(Struct, frozen=True):
    """A readable thought."""

    text: str | None = None
    signature: str | None = None


class Reasoning(Struct, frozen=True, rename="camel"):
    """A thought, readable or not (base64)."""

    reasoning_text: ReasoningText = ReasoningText()
    redacted_content: str | None = None


class ToolUse(Struct, frozen=True, rename="camel"):
    """A call of a tool."""

    tool_use_id: str = ""
    name: str = ""
    input: Raw = Raw()
    type: str | None = None  # `server_tool_use`: Bedrock runs it itself


class CitedText(Struct, frozen=True):
    """A piece of a text with citations."""

    text: str | None = None


class Citations(Struct, frozen=True):
    """A text with citations."""

    content: list[CitedText] | None = None


class Block(Struct, frozen=True, rename="camel"):
    """A content block: one of its fields is there."""

    text: str | None = None
    tool_use: ToolUse | None = None
    reasoning_content: Reasoning | None = None
    citations_content: Citations | None = None


class Message(Struct, frozen=True):
    """What the model says."""

    content: list[Block] | None = None


class Output(Struct, frozen=True):
    """The message."""

    message: Message | None = None


class Response(Struct, frozen=True, rename="camel"):
    """A whole answer."""

    output: Output | None = None
    stop_reason: str = ""
    usage: TokenUsage | None = None
    message: str | None = None  # where an error took the answer's place

"""Reads whole replies of an Anthropic upstream, and what its stop reasons and token counts mean."""

import time

import msgspec
from msgspec import DecodeError, Raw, Struct

from parley.core.error_shape import refusal_of
from parley.core.errors import UpstreamError, UpstreamGarbled, UpstreamRefused
from parley.core.reply import Choice, Json, Reply, ToolCall, Usage
from parley.core.reply import Raw as RawReply

NAME = "anthropic_messages"

FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""Stop reasons as finish reasons; one that is not here yet is told as `stop`."""

STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status that belongs to an error told inside a stream (platform.claude.com/docs/en/api/errors, 2026-11)."""


class OutputDetails(Struct, frozen=True):
    """What the output's tokens were."""

    thinking_tokens: int | None = None


class ReadUsage(Struct, frozen=True):
    """Token counts; a stream tells them in pieces, so each may be missing."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens_details: OutputDetails | None = None

    def after(self, before: "ReadUsage") -> "ReadUsage":
        """These counts over those told before: the counts of a stream are cumulative."""
        names = self.__struct_fields__
        told = {name: getattr(before, name) if getattr(self, name) is None else getattr(self, name) for name in names}
        return ReadUsage(**told)

    def canon(self) -> Usage:
        """`input_tokens` leaves out what the cache gave or took: the prompt is the sum of all three."""
        read, written = self.cache_read_input_tokens or 0, self.cache_creation_input_tokens or 0
        details = self.output_tokens_details
        return Usage(
            prompt_tokens=(self.input_tokens or 0) + read + written,
            completion_tokens=self.output_tokens or 0,
            cached_tokens=read,
            cache_write_tokens=written,
            reasoning_tokens=(details and details.thinking_tokens) or 0,
        )


class StopDetails(Struct, frozen=True):
    """Why the model stopped, where there is more to say."""

    explanation: str | None = None


class Block(Struct, frozen=True):
    """A content block, of any type; the fields of the types that Parley reads."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = Raw()


class _Read(Struct, frozen=True):
    id: str | None = None
    type: str | None = None
    model: str | None = None
    content: list[Block] | None = None
    stop_reason: str | None = None
    stop_details: StopDetails | None = None
    usage: ReadUsage | None = None
    error: Json = None


_REPLY = msgspec.json.Decoder(_Read)


def read_reply(body: bytes) -> Reply:
    """The upstream's whole reply; `raw` keeps its bytes. Raises UpstreamGarbled or UpstreamRefused."""
    try:
        read = _REPLY.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer is not a message: {error}.") from None
    if read.error:
        raise told_error(read.error)
    if read.content is None:
        raise UpstreamGarbled("The upstream's answer has no content.")
    return Reply(
        id=read.id or "",
        model=read.model or "",
        created=int(time.time()),
        choices=(_choice(read, read.content),),
        usage=read.usage.canon() if read.usage is not None else None,
        raw=RawReply(NAME, body),
    )


def _choice(read: _Read, content: list[Block]) -> Choice:
    texts = [block.text for block in content if block.type == "text" and block.text is not None]
    thoughts = [block.thinking for block in content if block.type == "thinking" and block.thinking]
    return Choice(
        text="".join(texts) if texts else None,
        refusal=read.stop_details.explanation if read.stop_details is not None else None,
        reasoning="".join(thoughts) if thoughts else None,
        thinking=tuple([block_json(block) for block in content if block.type.endswith("thinking")]),
        tools=tuple(
            ToolCall(id=block.id or f"call_{place}", name=block.name or "", arguments=arguments(block.input))
            for place, block in enumerate(block for block in content if block.type == "tool_use")
        ),
        finish=FINISHES.get(read.stop_reason or "", "stop"),
    )


def block_json(block: Block) -> Json:
    """A block of thinking, readable or redacted, as it must come back in the next turn."""
    if block.type == "redacted_thinking":
        return {"type": block.type, "data": block.data or ""}
    return {"type": block.type, "thinking": block.thinking or "", "signature": block.signature or ""}


def arguments(given: Raw) -> str:
    """A tool's input as the text of a JSON object; none at all is an empty one."""
    text = bytes(given).decode("utf-8", "replace")  # what stays undecoded is not checked by the decoder
    return "{}" if text in ("", "null") else text


def told_error(error: Json) -> UpstreamError:
    """The error told where an answer should be, under the status that belongs to its type."""
    kind = error.get("type") if isinstance(error, dict) else None
    status = STATUSES.get(kind, UpstreamRefused.status) if isinstance(kind, str) else UpstreamRefused.status
    return refusal_of(status, {"error": error})

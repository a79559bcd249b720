"""The shapes of Gemini's answers, as far as Parley reads them, and what its finish reasons and token counts mean."""

from msgspec import Raw, Struct

from parley.core.reply import Json, Usage

NAME = "gemini"

STOPPED = "stop"

FINISHES = {
    "STOP": STOPPED,
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "OTHER": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "IMAGE_OTHER": "content_filter",
    "NO_IMAGE": "content_filter",
    "ESCALATION": "content_filter",
    "PUP_LIMITED_DISABLED": "content_filter",
    "MODEL_ARMOR": "content_filter",
}
"""Finish reasons (google-genai 3.4.0, 2026-11); one that is not here yet is told as `stop`."""

BROKEN = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "MALFORMED_RESPONSE",
    }
)
"""Finish reasons of an answer that went wrong: nobody can use it, another model may do better."""


class UsageMetadata(Struct, frozen=True, rename="camel"):
    """Token counts. Google's total is the sum of four: prompt, candidates, tool use and thoughts."""

    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None

    def canon(self) -> Usage:
        """Prompt: prompt (cached tokens included, as Google counts it) and tool use; completion: text and thoughts."""
        thoughts = self.thoughts_token_count or 0
        return Usage(
            prompt_tokens=(self.prompt_token_count or 0) + (self.tool_use_prompt_token_count or 0),
            completion_tokens=(self.candidates_token_count or 0) + thoughts,
            cached_tokens=self.cached_content_token_count or 0,
            reasoning_tokens=thoughts,
        )


class FunctionCall(Struct, frozen=True):
    """A call; models before 3 give no id."""

    name: str = ""
    id: str | None = None
    args: Raw = Raw()


class Part(Struct, frozen=True, rename="camel"):
    """One part of the content, of any kind; the fields of the kinds that Parley reads."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: FunctionCall | None = None


class Content(Struct, frozen=True):
    """What a candidate says."""

    parts: list[Part] | None = None


class Token(Struct, frozen=True, rename="camel"):
    """A token with its logarithmic probability."""

    token: str = ""
    log_probability: float | None = None


class TopCandidates(Struct, frozen=True):
    """The likeliest tokens of one step."""

    candidates: list[Token] | None = None


class LogprobsResult(Struct, frozen=True, rename="camel"):
    """The tokens that were chosen, and the likeliest ones of each step."""

    chosen_candidates: list[Token] | None = None
    top_candidates: list[TopCandidates] | None = None


class Candidate(Struct, frozen=True, rename="camel"):
    """One answer, or a piece of it."""

    index: int = 0
    content: Content = Content()
    finish_reason: str | None = None
    finish_message: str | None = None
    logprobs_result: LogprobsResult | None = None


class PromptFeedback(Struct, frozen=True, rename="camel"):
    """Why there is no candidate."""

    block_reason: str | None = None


class Response(Struct, frozen=True, rename="camel"):
    """A whole answer, or one piece of a stream: they have the same shape."""

    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str | None = None
    response_id: str | None = None
    error: Json = None

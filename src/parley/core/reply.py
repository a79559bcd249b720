"""A reply: what comes back up, whole or as a stream of events, in the canon of the house.

`raw` keeps the upstream's own JSON, so that a client of the same dialect gets it byte for byte. Whoever changes an
event or a reply drops its `raw`.
"""

from typing import Any

from msgspec import Struct

Json = Any

Notes = dict[str, Json]
"""What Parley says beside an answer: `evaluation`, `correction_applied`, `context` and the like."""


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens counted by the upstream. Cached, cache-written and reasoning tokens are parts of the two sums."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


class Raw(Struct, frozen=True):
    """JSON bytes as an upstream sent them, and the dialect they are in."""

    dialect: str
    data: bytes


class ToolDelta(Struct, frozen=True, kw_only=True):
    """A piece of a tool call: the first piece names it, all of them append to `arguments`."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


class Delta(Struct, frozen=True, kw_only=True):
    """What one event adds to one choice; `finish` is OpenAI's finish reason and comes last.

    `reasoning` is the readable thought as it grows. `thinking` holds whole thinking blocks (Anthropic's JSON, signature
    included) that the upstream wants back, unchanged, in the next turn.
    """

    index: int = 0
    role: str | None = None
    text: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    thinking: tuple[Json, ...] = ()
    tools: tuple[ToolDelta, ...] = ()
    logprobs: Json = None
    finish: str | None = None
    corrected: bool = False  # it is not what the model said, but what it should have said


class Event(Struct, frozen=True, kw_only=True):
    """One piece of a streamed reply; `notes` are what Parley itself says beside it, as top-level fields."""

    deltas: tuple[Delta, ...] = ()
    usage: Usage | None = None
    id: str | None = None
    model: str | None = None
    raw: Raw | None = None
    notes: Notes | None = None


class ToolCall(Struct, frozen=True, kw_only=True):
    """A whole tool call; `arguments` is the JSON text that the model wrote."""

    id: str
    name: str
    arguments: str


class Choice(Struct, frozen=True, kw_only=True):
    """One whole answer."""

    index: int = 0
    text: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    thinking: tuple[Json, ...] = ()
    tools: tuple[ToolCall, ...] = ()
    logprobs: Json = None
    finish: str | None = None
    corrected: bool = False


class Reply(Struct, frozen=True, kw_only=True):
    """A whole reply: answers to a chat or a text completion, or (in `vectors`) embeddings."""

    id: str
    model: str
    created: int
    choices: tuple[Choice, ...] = ()
    usage: Usage | None = None
    raw: Raw | None = None
    vectors: tuple[Json, ...] = ()  # lists of floats, or base64 strings, as asked
    notes: Notes | None = None

"""A request that is ready to run, and what has been counted of it."""

import time
from typing import Any

from msgspec import Struct, field

from parley.engine.process.generate import Chunk
from parley.engine.process.load import Model


class Job(Struct, kw_only=True):
    """What llama.cpp is told for each choice, and the tokens so far."""

    model: Model
    bodies: list[dict[str, Any]]
    prompt_tokens: int
    id: str
    created: int = field(default_factory=lambda: int(time.time()))
    completion_tokens: int = 0
    cached_tokens: int = 0

    def count(self, chunk: Chunk) -> None:
        """Add the tokens of a choice that ended."""
        if chunk.usage is not None:
            self.completion_tokens += chunk.usage.completion_tokens
            self.cached_tokens = max(self.cached_tokens, chunk.usage.prompt_tokens_details.cached_tokens)

    def usage(self) -> dict[str, Any]:
        """OpenAI's usage; the prompt counts once however many choices there are."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }

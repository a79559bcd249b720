"""Token counts in OpenAI's shape, which chats, text completions and embeddings share."""

from msgspec import Struct

from parley.core.reply import Json, Usage


class PromptDetails(Struct, frozen=True):
    """What the prompt's tokens were."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None  # OpenRouter's name (2026-08)


class CompletionDetails(Struct, frozen=True):
    """What the answer's tokens were."""

    reasoning_tokens: int | None = None


class UsageShape(Struct, frozen=True):
    """`usage` as OpenAI-compatible upstreams send it; `prompt_cache_hit_tokens` are DeepSeek's cached tokens."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None

    def canon(self) -> Usage:
        """The same in the words of the house; what was not sent counts as zero."""
        prompt, completion = self.prompt_tokens_details, self.completion_tokens_details
        return Usage(
            prompt_tokens=self.prompt_tokens or 0,
            completion_tokens=self.completion_tokens or 0,
            cached_tokens=(prompt and prompt.cached_tokens) or self.prompt_cache_hit_tokens or 0,
            cache_write_tokens=(prompt and prompt.cache_write_tokens) or 0,
            reasoning_tokens=(completion and completion.reasoning_tokens) or 0,
        )


def usage_json(usage: Usage | None) -> dict[str, Json]:
    """`usage` for a client: all three sums always, zero where nobody counted; details where there are any."""
    if usage is None:
        usage = Usage()
    shape: dict[str, Json] = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
    if usage.cached_tokens or usage.cache_write_tokens:
        shape["prompt_tokens_details"] = {"cached_tokens": usage.cached_tokens}
        if usage.cache_write_tokens:
            shape["prompt_tokens_details"]["cache_write_tokens"] = usage.cache_write_tokens
    if usage.reasoning_tokens:
        shape["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return shape

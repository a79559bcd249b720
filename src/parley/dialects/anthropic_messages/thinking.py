"""How much an Anthropic model may think, and how many tokens it may write in all.

`reasoning_effort` becomes a budget of tokens (`thinking.type` `enabled`, for models up to Claude 4.5), or adaptive
thinking with an effort for newer models, which refuse budgets (platform.claude.com/docs, extended thinking, 2026-11).
"""

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest

DEFAULT_MAX_TOKENS = 4096
"""The answer's bound where the client gives none: Anthropic requires one, and every model allows this."""

LEAST_BUDGET = 1024  # Anthropic's minimum

BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768}
"""Tokens of thought for each `reasoning_effort`; at most half of what the client allows the whole answer."""

EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh", "max": "max"}


def thinking(chat: Chat, *, adaptive: bool, provider: str) -> tuple[int, Json, str | None]:
    """`max_tokens`, `thinking` and the effort that say what `chat` wants. Raises BadRequest."""
    given = chat.max_completion_tokens or chat.max_tokens
    wanted = chat.reasoning_effort
    if wanted is None:
        return given or DEFAULT_MAX_TOKENS, None, None
    if wanted == "none":
        return given or DEFAULT_MAX_TOKENS, {"type": "disabled"}, None
    if wanted not in BUDGETS:
        raise _bad(f"must be one of none, {', '.join(BUDGETS)} with the provider `{provider}`")
    budget = BUDGETS[wanted]
    if adaptive:
        return given or DEFAULT_MAX_TOKENS + budget, {"type": "adaptive"}, EFFORTS[wanted]
    if given is not None and given < 2 * LEAST_BUDGET:
        raise _bad(f"needs `max_completion_tokens` of at least {2 * LEAST_BUDGET} with the provider `{provider}`")
    if given is not None:
        budget = min(budget, given // 2)
    return given or DEFAULT_MAX_TOKENS + budget, {"type": "enabled", "budget_tokens": budget}, None


def _bad(must: str) -> BadRequest:
    return BadRequest(f"`reasoning_effort` {must}.", param="reasoning_effort", code="unsupported_parameter")

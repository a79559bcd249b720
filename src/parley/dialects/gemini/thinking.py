"""How much a Gemini model may think: tokens for models up to 2.5, levels from 3 on.

The tokens are those of Google's own OpenAI endpoint (ai.google.dev/gemini-api/docs/openai, 2026-11). From 3 on thinking
can not be turned off: the least level is nearest to it. Which levels a model has is its own affair, it refuses others.
"""

import re

from parley.core.asks import Json
from parley.core.errors import BadRequest

BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}

LEVELS = {
    "none": "MINIMAL",
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "XHIGH",
    "max": "XHIGH",
}

NEWEST = 99
"""The generation of a name without a number, such as `gemini-flash-latest`."""

_GENERATION = re.compile(r"(?:^|[/-])(?:gemini|gemma)-(\d+)")


def generation(model: str) -> int:
    """The major version in a model's name: 2 for `gemini-2.5-flash`."""
    found = _GENERATION.search(model)
    return int(found[1]) if found else NEWEST


def thinking_config(effort: str | None, model: str, provider: str) -> Json:
    """`thinkingConfig` for `effort`; nothing where none is asked for. Raises BadRequest."""
    if effort is None:
        return None
    if effort not in LEVELS:
        raise BadRequest(
            f"`reasoning_effort` must be one of {', '.join(LEVELS)} with the provider `{provider}`.",
            param="reasoning_effort",
            code="unsupported_parameter",
        )
    if generation(model) < 3:
        amount: dict[str, Json] = {"thinkingBudget": BUDGETS[effort]}
    else:
        amount = {"thinkingLevel": LEVELS[effort]}
    return amount if effort == "none" else {**amount, "includeThoughts": True}

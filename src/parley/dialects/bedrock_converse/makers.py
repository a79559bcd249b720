"""What the makers of Bedrock's models take beyond Converse: top-k and reasoning, each under names of their own.

Sources, all of 2026-11: docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html and its pages by maker,
docs.aws.amazon.com/nova/latest/nova2-userguide/core-inference.html, botocore 1.44.5 (`outputConfig.effort`).
"""

from collections.abc import Callable

from msgspec import Struct

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest

BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768}
"""Claude's tokens of thought for each `reasoning_effort`; at most half of what the client allows the whole answer."""

LEAST_BUDGET = 1024

DEFAULT_MAX_TOKENS = 4096

EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh", "max": "max"}
"""What `outputConfig.effort` and OpenAI's models call them."""

THREE_LEVELS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}

TOP_K: dict[str, Callable[[int], dict[str, Json]]] = {
    "anthropic": lambda k: {"top_k": k},
    "amazon": lambda k: {"inferenceConfig": {"topK": k}},
    "cohere": lambda k: {"k": k},
    "mistral": lambda k: {"top_k": k},
}
"""How each maker wants to be told top-k."""


class ModelFields(Struct, frozen=True):
    """What one model is told beyond Converse's own fields."""

    max_tokens: int | None
    fields: dict[str, Json]
    effort: str | None = None


def maker(model: str) -> str:
    """Who made a model: `anthropic` for `us.anthropic.claude-...` and for an inference profile's ARN."""
    words = model.rpartition("/")[2].split(".")
    return next((word for word in words if word in MAKERS), "")


def model_fields(chat: Chat, model: str, *, effort: bool, provider: str) -> ModelFields:
    """The fields for `chat`. Raises BadRequest for what the model's maker has no word for."""
    made_by = maker(model)
    fields: dict[str, Json] = {}
    if chat.top_k is not None and chat.top_k > 0:
        if made_by not in TOP_K:
            raise _bad("top_k", f"is not supported by the model `{model}` of the provider `{provider}`")
        fields.update(TOP_K[made_by](chat.top_k))
    given, wanted = chat.max_completion_tokens or chat.max_tokens, chat.reasoning_effort
    if wanted is None:
        return ModelFields(given, fields)
    if wanted != "none" and wanted not in EFFORTS:
        raise _bad("reasoning_effort", f"must be one of none, {', '.join(EFFORTS)} with the provider `{provider}`")
    if made_by == "anthropic":
        return _claude(given, wanted, fields, effort, provider)
    if made_by == "amazon":
        level: Json = {"type": "disabled"}
        if wanted != "none":
            level = {"type": "enabled", "maxReasoningEffort": THREE_LEVELS[wanted]}
        return ModelFields(given, {**fields, "reasoningConfig": level})
    if made_by == "openai":
        return ModelFields(given, {**fields, **_gpt(model, wanted)})
    raise _bad("reasoning_effort", f"is not supported by the model `{model}` of the provider `{provider}`")


def _claude(given: int | None, wanted: str, fields: dict[str, Json], effort: bool, provider: str) -> ModelFields:
    if wanted == "none":
        return ModelFields(given, fields)  # Claude does not think unless it is told to
    budget = BUDGETS[wanted]
    if effort:
        return ModelFields(given, {**fields, "thinking": {"type": "adaptive"}}, EFFORTS[wanted])
    if given is not None and given < 2 * LEAST_BUDGET:
        least = f"needs `max_completion_tokens` of at least {2 * LEAST_BUDGET} with the provider `{provider}`"
        raise _bad("reasoning_effort", least)
    if given is not None:
        budget = min(budget, given // 2)
    thinking = {"type": "enabled", "budget_tokens": budget}
    return ModelFields(given or DEFAULT_MAX_TOKENS + budget, {**fields, "thinking": thinking})


def _gpt(model: str, wanted: str) -> dict[str, Json]:
    """The open models and the others have different words for it (stdapi-ai/stdapi.ai#283, probed 2026-09)."""
    if "gpt-oss" in model:
        return {"reasoning_effort": THREE_LEVELS.get(wanted, "low")}
    return {"reasoning": {"effort": EFFORTS.get(wanted, wanted)}}


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="unsupported_parameter")


MAKERS = frozenset({*TOP_K, "ai21", "deepseek", "google", "meta", "minimax", "moonshot", "nvidia", "openai", "qwen"})

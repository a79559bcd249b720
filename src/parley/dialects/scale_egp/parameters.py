"""The `model_parameters` of this wire and what they are in the canon (scale-gp 0.1.0a62; REST reference of 2024-10)."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from parley.core.asks import Penalty, Positive, Probability, Stops

SETTLES = (("temperature", 0.2),)
"""What the service promises where nobody says otherwise."""

Coolness = Annotated[float, Meta(ge=0, le=1)]
"""A temperature; it ends at 1 here."""


TopK = Annotated[int, Meta(ge=-1, le=2**31 - 1)]
"""How many of the likeliest tokens there are to choose from; -1: all."""


class Parameters(Struct, frozen=True, kw_only=True):
    """How the next token is chosen. The clients write `topP` and `topK`, users of the REST interface also `top_p`."""

    temperature: Coolness | None = None
    max_tokens: Positive | None = None
    stop_sequences: Stops | None = None
    topP: Probability | None = None  # noqa: N815  # the wire's name
    topK: TopK | None = None  # noqa: N815
    top_p: Probability | None = None
    top_k: TopK | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    reasoning_effort: str | None = None


def in_the_canon(given: Parameters | None) -> dict[str, Any]:
    """The fields of a chat that say the same; what was not given is None."""
    if given is None:
        return {}
    return {
        "temperature": given.temperature,
        "max_tokens": given.max_tokens,
        "stop": given.stop_sequences or None,
        "top_p": given.top_p if given.topP is None else given.topP,
        "top_k": given.top_k if given.topK is None else given.topK,
        "frequency_penalty": given.frequency_penalty,
        "presence_penalty": given.presence_penalty,
        "reasoning_effort": given.reasoning_effort,
    }

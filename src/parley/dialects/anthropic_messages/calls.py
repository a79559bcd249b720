"""Writes the call for an Anthropic upstream: the envelope, with every field mapped, dropped as neutral or refused.

Anthropic has no word for several answers, log-probabilities, biases, seeds and penalties. `temperature` ends at 1 there
and the default, 1, is left out as `top_p` 1 is: newer models refuse to be told both, or either.
"""

import msgspec

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest
from parley.core.fitting import unfit
from parley.dialects.anthropic_messages.messages import conversation
from parley.dialects.anthropic_messages.thinking import thinking
from parley.dialects.anthropic_messages.tools import tool_choice, tools

UNSPOKEN = (
    "n",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "min_p",
    "repetition_penalty",
    "ignore_eos",
    "peft",
    "loglikelihood",
    "chat_template",
)
"""Fields of the union surface without a counterpart."""


def write_call(chat: Chat, *, model: str, accepts: frozenset[str], provider: str) -> bytes:
    """The JSON that asks `provider` for `chat` from its `model`.

    `accepts` may hold `effort`: the model takes adaptive thinking with an effort instead of a budget of tokens.
    Raises BadRequest for what this API can not express, naming the field.
    """
    unfit(chat, UNSPOKEN, accepts, provider)
    system, messages = conversation(chat.messages, provider)
    most, thought, effort = thinking(chat, adaptive="effort" in accepts, provider=provider)
    fields: dict[str, Json] = {
        "model": model,
        "max_tokens": most,
        "system": system,
        "messages": messages,
        "temperature": _temperature(chat.temperature, provider),
        "top_p": None if chat.top_p == 1 else chat.top_p,
        "top_k": chat.top_k if chat.top_k is not None and chat.top_k > 0 else None,
        "stop_sequences": [chat.stop] if isinstance(chat.stop, str) else chat.stop,
        "stream": True if chat.stream else None,
        "tools": tools(chat.tools, provider),
        "tool_choice": tool_choice(chat, provider),
        "thinking": thought,
        "output_config": _output_config(chat.response_format, effort, provider),
        "metadata": {"user_id": chat.user} if chat.user else None,
    }
    try:
        return msgspec.json.encode({name: value for name, value in fields.items() if value not in (None, [])})
    except (RecursionError, OverflowError, UnicodeEncodeError):
        raise BadRequest("The body holds a value that can not be sent on: it is nested too deeply.") from None


def _temperature(value: float | None, provider: str) -> float | None:
    if value is not None and value > 1:
        raise BadRequest(
            f"`temperature` must be a number of at most 1 with the provider `{provider}`.",
            param="temperature",
            code="unsupported_parameter",
        )
    return None if value == 1 else value


def _output_config(form: dict[str, Json] | None, effort: str | None, provider: str) -> Json:
    """A JSON schema binds the answer as `output_config.format` (generally available since 2026-02)."""
    config: dict[str, Json] = {"effort": effort} if effort is not None else {}
    kind = form.get("type") if form is not None else "text"
    if form is not None and kind != "text":
        schema = form["json_schema"]["schema"] if kind == "json_schema" else form.get("schema")
        if schema is None:
            raise BadRequest(
                f"`response_format` of the type `{kind}` without a schema is not supported by the provider "
                f"`{provider}`: use `json_schema`.",
                param="response_format",
                code="unsupported_parameter",
            )
        config["format"] = {"type": "json_schema", "schema": schema}
    return config or None

"""Writes the call for a Converse upstream: messages, tools and `inferenceConfig`; the model's name goes into the path.

Converse itself knows four sampling fields; what a model's maker knows beyond them rides in
`additionalModelRequestFields` (`makers.py`). `temperature` ends at 1.
"""

import msgspec

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest
from parley.core.fitting import unfit
from parley.dialects.bedrock_converse.makers import model_fields
from parley.dialects.bedrock_converse.messages import conversation
from parley.dialects.bedrock_converse.tools import tool_config

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
    """The JSON that asks `provider` for `chat`; `model` decides what its maker's own fields are, it is not in the body.

    `accepts` may hold `effort`: Claude models take an effort (`outputConfig`) instead of a budget of tokens.
    Raises BadRequest for what this API can not express, naming the field.
    """
    beyond = UNSPOKEN if chat.functions is not None else (*UNSPOKEN, "parallel_tool_calls")
    unfit(chat, beyond, accepts, provider)
    system, messages = conversation(chat.messages, provider)
    extra = model_fields(chat, model, effort="effort" in accepts, provider=provider)
    output = {"textFormat": _text_format(chat.response_format, provider), "effort": extra.effort}
    fields: dict[str, Json] = {
        "messages": messages,
        "system": system,
        "inferenceConfig": _given(
            {
                "maxTokens": extra.max_tokens,
                "temperature": _temperature(chat.temperature, provider),
                "topP": chat.top_p,
                "stopSequences": [chat.stop] if isinstance(chat.stop, str) else chat.stop,
            }
        ),
        "toolConfig": tool_config(chat, provider),
        "additionalModelRequestFields": extra.fields,
        "outputConfig": _given(output),
    }
    try:
        return msgspec.json.encode(_given(fields))
    except (RecursionError, OverflowError, UnicodeEncodeError):
        raise BadRequest("The body holds a value that can not be sent on: it is nested too deeply.") from None


def _temperature(value: float | None, provider: str) -> float | None:
    if value is not None and value > 1:
        raise BadRequest(
            f"`temperature` must be a number of at most 1 with the provider `{provider}`.",
            param="temperature",
            code="unsupported_parameter",
        )
    return value


def _text_format(form: dict[str, Json] | None, provider: str) -> Json:
    """The schema goes as text."""
    kind = form.get("type") if form is not None else "text"
    if form is None or kind == "text":
        return None
    named = form["json_schema"] if kind == "json_schema" else {"name": "answer", "schema": form.get("schema")}
    if named["schema"] is None:
        raise BadRequest(
            f"`response_format` of the type `{kind}` without a schema is not supported by the provider `{provider}`: "
            "use `json_schema`.",
            param="response_format",
            code="unsupported_parameter",
        )
    schema = {"schema": msgspec.json.encode(named["schema"]).decode(), "name": named["name"]}
    if isinstance(named.get("description"), str):
        schema["description"] = named["description"]
    return {"type": "json_schema", "structure": {"jsonSchema": schema}}


def _given(fields: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None and value not in ([], {})}

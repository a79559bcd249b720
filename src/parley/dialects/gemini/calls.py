"""Writes the call for a Gemini upstream: contents, tools and `generationConfig`; the model's name goes into the path.

Gemini has no word for biases and for one tool call at a time. Its seeds have 32 bits: wider ones are folded into them,
so that the same seed still gives the same answer.
"""

import msgspec

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest
from parley.core.fitting import unfit
from parley.dialects.gemini.contents import conversation
from parley.dialects.gemini.shapes import NAME
from parley.dialects.gemini.thinking import generation, thinking_config
from parley.dialects.gemini.tools import tool_config, tools

UNSPOKEN = (
    "logit_bias",
    "min_p",
    "repetition_penalty",
    "ignore_eos",
    "peft",
    "loglikelihood",
    "chat_template",
)
"""Fields of the union surface without a counterpart."""

JSON_TYPE = "application/json"


def write_call(chat: Chat, *, model: str, accepts: frozenset[str], provider: str, issuer: str = NAME) -> bytes:
    """The JSON that asks `provider` for `chat`; `model` decides how thinking is spoken of, it is not in the body.

    `issuer` is the service whose signatures may go back to it. Raises BadRequest for what this API can not express,
    naming the field.
    """
    beyond = UNSPOKEN if chat.functions is not None else (*UNSPOKEN, "parallel_tool_calls")
    unfit(chat, beyond, accepts, provider)
    system, contents = conversation(chat.messages, provider, issuer, wants_signatures=generation(model) >= 3)
    fields: dict[str, Json] = {
        "contents": contents,
        "systemInstruction": {"parts": system} if system else None,
        "tools": tools(chat.tools, provider),
        "toolConfig": tool_config(chat, provider),
        "generationConfig": _generation_config(chat, model, provider),
    }
    try:
        return msgspec.json.encode(_given(fields))
    except (RecursionError, OverflowError, UnicodeEncodeError):
        raise BadRequest("The body holds a value that can not be sent on: it is nested too deeply.") from None


def _generation_config(chat: Chat, model: str, provider: str) -> Json:
    """Penalties of 0 are left out: several models refuse to be told them at all."""
    config: dict[str, Json] = {
        "temperature": chat.temperature,
        "topP": chat.top_p,
        "topK": chat.top_k if chat.top_k is not None and chat.top_k > 0 else None,
        "candidateCount": chat.n if chat.n != 1 else None,
        "maxOutputTokens": chat.max_completion_tokens or chat.max_tokens,
        "stopSequences": [chat.stop] if isinstance(chat.stop, str) else chat.stop,
        "seed": _seed(chat.seed),
        "presencePenalty": chat.presence_penalty or None,
        "frequencyPenalty": chat.frequency_penalty or None,
        "responseLogprobs": True if chat.logprobs else None,
        "logprobs": chat.top_logprobs or None,
        "thinkingConfig": thinking_config(chat.reasoning_effort, model, provider),
        **_response_format(chat.response_format),
    }
    return _given(config)


def _response_format(form: dict[str, Json] | None) -> dict[str, Json]:
    kind = form.get("type") if form is not None else "text"
    if form is None or kind == "text":
        return {}
    schema = form["json_schema"]["schema"] if kind == "json_schema" else form.get("schema")
    return {"responseMimeType": JSON_TYPE, "responseJsonSchema": schema}


def _seed(seed: int | None) -> int | None:
    return seed if seed is None or -(2**31) <= seed < 2**31 else seed % 2**31


def _given(fields: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None and value not in ([], {})}

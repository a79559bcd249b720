"""Writes the call for an upstream that speaks this dialect: the client's own bytes where nobody changed them."""

import msgspec
from msgspec import Raw

from parley.core.asks import Chat, Json
from parley.core.call import Source
from parley.core.fitting import canon_fields, client_fields, unfit

BEYOND = ("min_p", "top_k", "repetition_penalty", "ignore_eos", "peft", "loglikelihood", "chat_template")
"""Fields that OpenAI's own API does not have (2026-08); a provider may take them all the same."""

DEPRECATED = ("functions", "function_call")

_ASKED_ALREADY = (Raw(b'{"include_usage":true}'), Raw(b'{"include_usage": true}'))


def write_call(chat: Chat, source: Source, *, model: str, accepts: frozenset[str], provider: str) -> bytes:
    """The JSON that asks `provider` for `chat` from its `model`.

    `accepts` names the fields of `BEYOND` that the provider takes. A stream always asks for its usage, whether or not
    the client does. Raises BadRequest for what the provider has no way to express.
    """
    dropped = (*DEPRECATED, *unfit(chat, BEYOND, accepts, provider))
    ours = source.dialect == "openai_chat"
    body = client_fields(chat, source, dropped) if ours else canon_fields(chat, dropped)
    body["model"] = model
    if chat.stream:
        body["stream_options"] = _with_usage(body.get("stream_options"))
    else:
        body.pop("stream_options", None)
    form = chat.response_format
    if form is not None and form.get("type") == "json_object" and form.get("schema") is not None:
        body["response_format"] = _json_schema(form)
    return msgspec.json.encode(body)


def _with_usage(options: Json) -> Json:
    """The client's options, with whatever else they say, and usage asked for."""
    if options in _ASKED_ALREADY:
        return options
    given = msgspec.json.decode(options) if isinstance(options, Raw) else {}
    return {**(given or {}), "include_usage": True}


def _json_schema(form: dict[str, Json]) -> Json:
    """OctoAI's schema inside `json_object` always bound the model: OpenAI's word for that is a strict `json_schema`."""
    rest = {name: value for name, value in form.items() if name not in ("type", "schema")}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": form["schema"], "strict": True}, **rest}

"""Reads a chat completion request: typed, checked by the rules of the union surface, deprecated words modernised."""

from typing import Any

import msgspec
from msgspec import Raw

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest
from parley.core.flags import check_flags
from parley.core.reading import read_body
from parley.dialects.openai_chat.functions import modernise
from parley.dialects.openai_chat.messages import check_messages
from parley.dialects.openai_chat.tools import check_tool_choice, check_tools, with_types

_CHAT = msgspec.json.Decoder(Chat)

NAME_SIZE = 64


def read_chat(body: bytes) -> tuple[Chat, dict[str, Raw]]:
    """The chat that `body` asks for, and its fields' own bytes for an upstream of the same dialect.

    Where a deprecated or incomplete spelling was put right, in the chat and in the bytes alike, the bytes are ours.
    Raises BadRequest naming the parameter.
    """
    chat, fields = read_body(_CHAT, body)
    check_messages(chat.messages)
    if chat.functions is not None or chat.function_call is not None or b'"function' in body:
        chat = _changed(chat, fields, modernise(chat))
    if chat.tools is not None or chat.tool_choice is not None:
        check_tools(chat.tools)
        check_tool_choice(chat.tool_choice, chat.tools)
        chat = _changed(chat, fields, with_types(chat))
    _check_sampling(chat)
    check_flags(chat)
    if chat.response_format is not None:
        check_response_format(chat.response_format)
    return chat, fields


def _changed(chat: Chat, fields: dict[str, Raw], changes: dict[str, Any]) -> Chat:
    """The chat with `changes`, which the fields then say too."""
    if not changes:
        return chat
    for name, value in changes.items():
        fields[name] = Raw(msgspec.json.encode(value))
    return msgspec.structs.replace(chat, **changes)


def _check_sampling(chat: Chat) -> None:
    if chat.top_logprobs is not None and not chat.logprobs:
        raise BadRequest("`top_logprobs` needs `logprobs` to be true.", param="top_logprobs", code="invalid_value")
    if chat.stream_options is not None and not chat.stream:
        raise BadRequest("`stream_options` needs `stream` to be true.", param="stream_options", code="invalid_value")
    for token in chat.logit_bias or ():
        if not (token.isascii() and token.isdigit()):
            raise BadRequest(
                f"`logit_bias` must have token ids, whole numbers, as keys, not `{token[:NAME_SIZE]}`.",
                param="logit_bias",
                code="invalid_value",
            )


def check_response_format(form: dict[str, Json]) -> None:
    """Raises BadRequest unless `form` is text, json_object (a `schema` is OctoAI's, optional) or json_schema."""
    kind = form.get("type")
    if kind not in ("text", "json_object", "json_schema"):
        raise _bad_format("response_format.type", "must be `text`, `json_object` or `json_schema`")
    if kind == "json_object" and not isinstance(form.get("schema"), dict | None):
        raise _bad_format("response_format.schema", "must be an object: a JSON schema")
    if kind == "json_schema":
        named = form.get("json_schema")
        if not isinstance(named, dict):
            raise _bad_format("response_format.json_schema", "must be an object with a name and a schema")
        if not isinstance(named.get("name"), str) or not named["name"]:
            raise _bad_format("response_format.json_schema.name", "must be a string that names the schema")
        if not isinstance(named.get("schema"), dict):
            raise _bad_format("response_format.json_schema.schema", "must be an object: a JSON schema")


def _bad_format(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")

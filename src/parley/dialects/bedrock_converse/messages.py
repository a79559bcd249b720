"""The conversation in Converse's words: system prompts apart, turns that alternate, one kind of content per block.

System and developer messages become the system prompt wherever they stood. Neighbours of the same role become one turn,
so several tool results are one user turn. Empty texts are left out: Bedrock refuses them.
"""

import hashlib
import re

import msgspec

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest
from parley.dialects.bedrock_converse.blocks import blocks
from parley.dialects.bedrock_converse.reasoning import reasoning_blocks
from parley.dialects.bedrock_converse.tools import CACHE_POINT

_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")

LONGEST_ID = 64

Block = dict[str, Json]


def conversation(messages: list[Message], provider: str) -> tuple[list[Block], list[Json]]:
    """The system prompt's blocks and the turns. Raises BadRequest naming the message that can not be said."""
    system: list[Block] = []
    turns: list[Json] = []
    for index, message in enumerate(messages):
        role, said = _turn(message, f"messages[{index}]", provider)
        if role == "system":
            system += said
        elif not said:
            continue
        elif turns and turns[-1]["role"] == role:
            turns[-1]["content"] += said
        else:
            turns.append({"role": role, "content": said})
    if not turns:
        raise BadRequest(
            f"`messages` must hold a message that is not empty and not a system prompt for the provider `{provider}`.",
            param="messages",
            code="invalid_value",
        )
    return system, turns


def _turn(message: Message, at: str, provider: str) -> tuple[str, list[Block]]:
    role, content = message["role"], message.get("content")
    said = blocks(content, f"{at}.content", provider)
    if role in ("system", "developer"):
        return "system", said
    if role == "tool":
        return "user", _tool_result(message, said)
    if role == "function":
        raise BadRequest(f"`{at}.role` `function` is deprecated: use `tool`.", param=f"{at}.role")
    if role == "assistant":
        calls = message.get("tool_calls") or []
        used = [_tool_use(call, f"{at}.tool_calls[{place}]") for place, call in enumerate(calls)]
        return "assistant", [*reasoning_blocks(message, at), *said, *used]
    return "user", said


def _tool_result(message: Message, said: list[Block]) -> list[Block]:
    """A result without words still needs a block; what is marked for the cache in it is marked behind it."""
    content = [block for block in said if "cachePoint" not in block]
    marked = len(content) < len(said) or message.get("cache_control") is not None
    result = {"toolUseId": tool_id(message["tool_call_id"]), "content": content or [{"text": "(empty)"}]}
    return [{"toolResult": result}, *([CACHE_POINT] if marked else [])]


def _tool_use(call: Json, at: str) -> Block:
    function = call.get("function")
    if not isinstance(function, dict):
        raise BadRequest(f"`{at}.type` must be `function`.", param=f"{at}.type", code="unsupported_parameter")
    try:
        given = msgspec.json.decode(function["arguments"] or "{}")
    except (msgspec.DecodeError, RecursionError):
        given = None
    if not isinstance(given, dict):
        param = f"{at}.function.arguments"
        raise BadRequest(f"`{param}` must be a string that holds a JSON object.", param=param, code="invalid_value")
    return {"toolUse": {"toolUseId": tool_id(call["id"]), "name": function["name"], "input": given}}


def tool_id(id: str) -> str:
    """The id in the characters and the length that Bedrock allows; longer ones are told by their hash."""
    if len(id) > LONGEST_ID:
        return hashlib.sha256(id.encode()).hexdigest()
    return _NOT_IN_IDS.sub("_", id) or "_"

"""The conversation in Anthropic's words: system prompts apart, turns that alternate, blocks instead of parts.

System and developer messages become the system prompt wherever they stood. Neighbours of the same role become one turn,
so several tool results are one user turn. Empty texts are left out: Anthropic refuses them.
"""

import re

import msgspec

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest
from parley.dialects.anthropic_messages.parts import blocks

_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")

Block = dict[str, Json]


def conversation(messages: list[Message], provider: str) -> tuple[Json, list[Json]]:
    """The system prompt (a string, or blocks where there are several or one is marked for the cache) and the turns.

    Raises BadRequest naming the message that can not be said.
    """
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
    if len(system) == 1 and system[0].keys() == {"type", "text"}:
        return system[0]["text"], turns
    return system or None, turns


def _turn(message: Message, at: str, provider: str) -> tuple[str, list[Block]]:
    role, content = message["role"], message.get("content")
    said = blocks(content, f"{at}.content", provider)
    if role in ("system", "developer"):
        return "system", said
    if role == "tool":
        return "user", [_tool_result(message, said)]
    if role == "function":
        raise BadRequest(f"`{at}.role` `function` is deprecated: use `tool`.", param=f"{at}.role")
    if role == "assistant":
        calls = message.get("tool_calls") or []
        used = [_tool_use(call, f"{at}.tool_calls[{place}]") for place, call in enumerate(calls)]
        return "assistant", [*_thoughts(message, at), *said, *used]
    return "user", said


def _thoughts(message: Message, at: str) -> list[Block]:
    """The thinking that this API gave out and wants back; `thinking_blocks` is how the chat dialect tells it."""
    given = message.get("thinking_blocks") or []
    if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
        param = f"{at}.thinking_blocks"
        raise BadRequest(f"`{param}` must be a list of objects.", param=param, code="invalid_value")
    return [block for block in given if block.get("type") in OURS]


OURS = ("thinking", "redacted_thinking")
"""Blocks of this API; a conversation that another provider began brings others, which it would refuse."""


def _tool_result(message: Message, said: list[Block]) -> Block:
    content = message.get("content")
    result: Block = {
        "type": "tool_result",
        "tool_use_id": tool_id(message["tool_call_id"]),
        "content": content if isinstance(content, str) else said,
    }
    if message.get("cache_control") is not None:
        result["cache_control"] = message["cache_control"]
    return result


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
    return {"type": "tool_use", "id": tool_id(call["id"]), "name": function["name"], "input": given}


def tool_id(id: str) -> str:
    """The id in the characters that Anthropic allows: other providers' ids, met after a fallback, hold more."""
    return _NOT_IN_IDS.sub("_", id) or "_"

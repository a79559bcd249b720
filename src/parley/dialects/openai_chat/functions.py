"""The deprecated `functions`: read as tools, and a tool call told as the `function_call` that such a client expects.

`functions` stays in the chat to remember what the client speaks; it never goes upstream.
"""

from typing import Any

from parley.core.asks import Chat, Json, Message
from parley.core.errors import BadRequest
from parley.dialects.openai_chat.tools import check_function

FIELDS = ("functions", "function_call")


def modernise(chat: Chat) -> dict[str, Any]:
    """The changes that say the same with `tools`, `tool_choice` and tool messages; none if nothing is deprecated.

    Such a client understands one call at a time, so parallel calls are turned off.
    """
    changes: dict[str, Any] = {}
    if chat.functions is not None:
        if chat.tools is not None:
            raise _bad("functions", "is the deprecated form of `tools`: give one of them")
        if not chat.functions:
            raise _bad("functions", "must not be an empty list: leave it out")
        for index, function in enumerate(chat.functions):
            check_function(function, f"functions[{index}]")
        changes["tools"] = [{"type": "function", "function": function} for function in chat.functions]
        changes["parallel_tool_calls"] = False
    if chat.function_call is not None:
        changes["tool_choice"] = _choice(chat)
    if any(message.get("role") == "function" or message.get("function_call") for message in chat.messages):
        changes["messages"] = _messages(chat.messages)
    return changes


def speaks_functions(chat: Chat) -> bool:
    """Whether the client expects `function_call` in the answer."""
    return chat.functions is not None


def _choice(chat: Chat) -> str | dict[str, Json]:
    wanted = chat.function_call
    if wanted in ("none", "auto"):
        return str(wanted)
    if not isinstance(wanted, dict) or not isinstance(wanted.get("name"), str):
        raise _bad("function_call", "must be `none`, `auto` or an object with the name of a function")
    if wanted["name"] not in [function.get("name") for function in chat.functions or ()]:
        raise _bad("function_call.name", "is not the name of any of the functions")
    return {"type": "function", "function": {"name": wanted["name"]}}


def _messages(messages: list[Message]) -> list[Message]:
    """Calls get an id by their place; the function's answer refers to the last call."""
    modern: list[Message] = []
    last = "call_0"
    for index, message in enumerate(messages):
        if message.get("function_call"):
            last = f"call_{index}"
            called = {"id": last, "type": "function", "function": message["function_call"]}
            rest = {name: value for name, value in message.items() if name != "function_call"}
            message = {**rest, "content": rest.get("content"), "tool_calls": [called]}
        elif message.get("role") == "function":
            message = {**message, "role": "tool", "tool_call_id": last, "content": message.get("content") or ""}
            del message["name"]
        modern.append(message)
    return modern


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")

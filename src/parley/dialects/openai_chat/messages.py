"""Checks the messages of a chat: roles, contents, content parts and tool calls, by hand, as they stay plain JSON."""

from parley.core.asks import Json, Message
from parley.core.errors import BadRequest

ROLES = ("system", "developer", "user", "assistant", "tool", "function")

MAY_BE_EMPTY = ("assistant", "function")
"""Roles whose content may be null or absent."""

_PLAIN = ("system", "developer", "user")


def check_messages(messages: list[Message]) -> None:
    """Raises BadRequest naming the first message, and the place in it, that is not as OpenAI's reference has it."""
    for index, message in enumerate(messages):
        if type(message.get("content")) is not str or message.get("role") not in _PLAIN:
            _check(message, f"messages[{index}]")


def _check(message: Message, at: str) -> None:
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise _bad(f"{at}.role", f"must be one of {', '.join(ROLES)}")
    _check_content(message.get("content"), role, f"{at}.content")
    if role == "tool" and not (isinstance(message.get("tool_call_id"), str) and message["tool_call_id"]):
        raise _bad(f"{at}.tool_call_id", "must be a string: the id of the tool call that this message answers")
    if role == "function" and not (isinstance(message.get("name"), str) and message["name"]):
        raise _bad(f"{at}.name", "must be a string: the name of the function that this message answers for")
    if role == "assistant":
        _check_tool_calls(message.get("tool_calls"), f"{at}.tool_calls")
        if message.get("function_call") is not None:
            _check_function(message["function_call"], f"{at}.function_call")


def _check_content(content: Json, role: str, at: str) -> None:
    if isinstance(content, str) or (content is None and role in MAY_BE_EMPTY):
        return
    if content is None:
        raise _bad(at, f"is required in a message of the role `{role}`")
    if not isinstance(content, list):
        raise _bad(at, "must be a string or a list of content parts")
    if not content:
        raise _bad(at, "must not be an empty list")
    for index, part in enumerate(content):
        _check_part(part, f"{at}[{index}]")


def _check_part(part: Json, at: str) -> None:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        raise _bad(at, "must be an object with a `type`")
    kind = part["type"]
    if kind == "text" and not isinstance(part.get("text"), str):
        raise _bad(f"{at}.text", "must be a string")
    if kind == "image_url":
        image = part.get("image_url")
        if not isinstance(image, dict) or not isinstance(image.get("url"), str):
            raise _bad(f"{at}.image_url", "must be an object with a `url`")


def _check_tool_calls(calls: Json, at: str) -> None:
    if calls is None:
        return
    if not isinstance(calls, list) or not calls:
        raise _bad(at, "must be a list of at least 1 tool call")
    for index, call in enumerate(calls):
        where = f"{at}[{index}]"
        if not isinstance(call, dict):
            raise _bad(where, "must be an object")
        if not isinstance(call.get("id"), str):
            raise _bad(f"{where}.id", "must be a string")
        if call.get("type") in (None, "function"):
            _check_function(call.get("function"), f"{where}.function")


def _check_function(function: Json, at: str) -> None:
    if not isinstance(function, dict):
        raise _bad(at, "must be an object with a name and arguments")
    if not isinstance(function.get("name"), str):
        raise _bad(f"{at}.name", "must be a string")
    if not isinstance(function.get("arguments"), str):
        raise _bad(f"{at}.arguments", "must be a string that holds JSON")


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")

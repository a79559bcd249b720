"""Checks the tools of a chat and the choice among them, and adds the `type` that OctoAI's client leaves out."""

import re
from typing import Any

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

Tool = dict[str, Json]


def check_tools(tools: list[Tool] | None) -> None:
    """Raises BadRequest naming the first tool, and the place in it, that is wrong. Unknown types of tool may pass."""
    if tools is None:
        return
    if not tools:
        raise _bad("tools", "must not be an empty list: leave it out")
    for index, tool in enumerate(tools):
        kind = tool.get("type", "function")
        if not isinstance(kind, str | None):
            raise _bad(f"tools[{index}].type", "must be a string")
        if kind in (None, "function"):
            check_function(tool.get("function"), f"tools[{index}].function")
        elif kind == "custom":
            custom = tool.get("custom")
            if not isinstance(custom, dict):
                raise _bad(f"tools[{index}].custom", "must be an object with a name")
            _check_name(custom.get("name"), f"tools[{index}].custom.name")


def check_function(function: Json, at: str) -> None:
    """Raises BadRequest unless `function` has a proper name and, where given, a schema and a description."""
    if not isinstance(function, dict):
        raise _bad(at, "must be an object with a name")
    _check_name(function.get("name"), f"{at}.name")
    if not isinstance(function.get("parameters"), dict | None):
        raise _bad(f"{at}.parameters", "must be an object: a JSON schema")
    if not isinstance(function.get("description"), str | None):
        raise _bad(f"{at}.description", "must be a string")


def _check_name(name: Json, at: str) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _bad(at, "must be 1 to 64 letters, digits, underscores or dashes")


def check_tool_choice(choice: str | dict[str, Json] | None, tools: list[Tool] | None) -> None:
    """Raises BadRequest for a choice that is no choice, or one among tools that are not there."""
    if choice is None or choice in ("none", "auto"):
        return
    if isinstance(choice, str) and choice != "required":
        raise _bad("tool_choice", "must be `none`, `auto`, `required` or an object that names a tool")
    if not tools:
        raise _bad("tool_choice", "needs `tools` to choose from")
    if isinstance(choice, str) or choice.get("type") not in (None, "function", "custom"):
        return
    kind = choice.get("type") or "function"
    named = choice.get(kind)
    if not isinstance(named, dict) or not isinstance(named.get("name"), str):
        raise _bad(f"tool_choice.{kind}.name", "must be the name of one of the tools")
    if named["name"] not in {_name(tool) for tool in tools}:
        raise _bad(f"tool_choice.{kind}.name", "is not the name of any of the tools")


def _name(tool: Tool) -> Json:
    inner = tool.get(tool.get("type") or "function")
    return inner.get("name") if isinstance(inner, dict) else None


def with_types(chat: Chat) -> dict[str, Any]:
    """The changes that give each tool, and the tool choice, its missing `type`: OctoAI's client may send none."""
    changes: dict[str, Any] = {}
    if any(tool.get("type") is None for tool in chat.tools or ()):
        changes["tools"] = [{**tool, "type": tool.get("type") or "function"} for tool in chat.tools or ()]
    if isinstance(chat.tool_choice, dict) and chat.tool_choice.get("type") is None:
        changes["tool_choice"] = {**chat.tool_choice, "type": "function"}
    return changes


def _bad(param: str, must: str) -> BadRequest:
    return BadRequest(f"`{param}` {must}.", param=param, code="invalid_value")

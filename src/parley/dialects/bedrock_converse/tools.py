"""Tools and the choice among them, in Converse's words, which have none for `none`."""

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest

NO_PARAMETERS = {"type": "object", "properties": {}}

CHOICES: dict[str, Json] = {"auto": {"auto": {}}, "required": {"any": {}}}

CACHE_POINT = {"cachePoint": {"type": "default"}}


def tool_config(chat: Chat, provider: str) -> Json:
    """The tools and the choice; nothing where there are no tools, or none may be called and none was.

    Raises BadRequest for a choice of `none` in a conversation with tool calls: Converse wants their tools declared.
    """
    if not chat.tools:
        return None
    if chat.tool_choice == "none":
        if any(message.get("tool_calls") or message["role"] == "tool" for message in chat.messages):
            raise _unsupported("tool_choice", "`none` after a tool call", provider)
        return None
    config: dict[str, Json] = {"tools": _tools(chat.tools, provider)}
    given = chat.tool_choice
    if isinstance(given, str):
        config["toolChoice"] = CHOICES[given]
    elif given is not None:
        function = given.get("function")
        if not isinstance(function, dict):
            raise _unsupported("tool_choice", f"`{given.get('type')}`", provider)
        config["toolChoice"] = {"tool": {"name": function["name"]}}
    return config


def _tools(given: list[dict[str, Json]], provider: str) -> list[Json]:
    said: list[Json] = []
    for index, tool in enumerate(given):
        kind = tool.get("type") or "function"
        if kind != "function":
            raise _unsupported(f"tools[{index}].type", f"`{kind}`", provider)
        said.append({"toolSpec": _spec(tool["function"])})
        if tool.get("cache_control") or tool["function"].get("cache_control"):
            said.append(CACHE_POINT)
    return said


def _spec(function: dict[str, Json]) -> Json:
    """An empty description is refused there, an empty schema too."""
    parameters = function.get("parameters") or NO_PARAMETERS
    said = {
        "name": function["name"],
        "description": function.get("description") or None,
        "inputSchema": {"json": parameters if "type" in parameters else {"type": "object", **parameters}},
        "strict": function.get("strict"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _unsupported(param: str, what: str, provider: str) -> BadRequest:
    return BadRequest(
        f"`{param}` {what} is not supported by the provider `{provider}`.", param=param, code="unsupported_parameter"
    )

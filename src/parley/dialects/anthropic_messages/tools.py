"""Tools and the choice among them, in Anthropic's words."""

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest

NO_PARAMETERS = {"type": "object", "properties": {}}

CHOICES = {"auto": "auto", "required": "any", "none": "none"}


def tools(given: list[dict[str, Json]] | None, provider: str) -> list[Json] | None:
    """The tools; one of a type that is not OpenAI's (Anthropic's own server tools) goes as it is."""
    if not given:
        return None
    return [_tool(tool, f"tools[{index}]", provider) for index, tool in enumerate(given)]


def _tool(tool: dict[str, Json], at: str, provider: str) -> Json:
    kind = tool.get("type") or "function"
    if kind == "custom" and "custom" in tool:
        raise _unsupported(f"{at}.type", "`custom`", provider)
    if kind != "function":
        return tool
    function = tool["function"]
    said: dict[str, Json] = {
        "name": function["name"],
        "description": function.get("description"),
        "input_schema": _input_schema(function.get("parameters")),
        "strict": function.get("strict"),
        "cache_control": tool.get("cache_control") or function.get("cache_control"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _input_schema(parameters: Json) -> Json:
    """Anthropic wants `type: object` said; OpenAI takes an empty schema for no parameters."""
    if not parameters:
        return NO_PARAMETERS
    return parameters if "type" in parameters else {"type": "object", **parameters}


def tool_choice(chat: Chat, provider: str) -> Json:
    """Which tool must be called, and whether several at once may be; nothing where there are no tools."""
    if not chat.tools:
        return None
    given = chat.tool_choice
    choice: dict[str, Json] = {"type": "auto"}
    if isinstance(given, str):
        choice = {"type": CHOICES[given]}
    elif given is not None:
        function = given.get("function")
        if not isinstance(function, dict):
            raise _unsupported("tool_choice", f"`{given.get('type')}`", provider)
        choice = {"type": "tool", "name": function["name"]}
    if chat.parallel_tool_calls is False and choice["type"] != "none":
        choice["disable_parallel_tool_use"] = True
    return choice if given is not None or len(choice) > 1 else None


def _unsupported(param: str, what: str, provider: str) -> BadRequest:
    return BadRequest(
        f"`{param}` {what} is not supported by the provider `{provider}`.", param=param, code="unsupported_parameter"
    )

"""Tools and the choice among them, in Gemini's words."""

from parley.core.asks import Chat, Json
from parley.core.errors import BadRequest

MODES = {"auto": "AUTO", "required": "ANY", "none": "NONE"}


def tools(given: list[dict[str, Json]] | None, provider: str) -> list[Json] | None:
    """The functions as one tool; one of a type that is not OpenAI's (`google_search`, ...) as it is without its type.

    Gemini has no `strict`: it is left out. Raises BadRequest for OpenAI's custom tools.
    """
    declarations: list[Json] = []
    own: list[Json] = []
    for index, tool in enumerate(given or ()):
        kind = tool.get("type") or "function"
        if kind == "custom" and "custom" in tool:
            raise _unsupported(f"tools[{index}].type", "`custom`", provider)
        if kind == "function":
            declarations.append(_declaration(tool["function"]))
        else:
            own.append({name: value for name, value in tool.items() if name != "type"} or {kind: {}})
    return ([{"functionDeclarations": declarations}] if declarations else []) + own or None


def _declaration(function: dict[str, Json]) -> Json:
    """`parametersJsonSchema` takes the whole of JSON Schema; `parameters` would take OpenAPI's part of it."""
    said = {
        "name": function["name"],
        "description": function.get("description"),
        "parametersJsonSchema": function.get("parameters") or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def tool_config(chat: Chat, provider: str) -> Json:
    """Which function must be called; nothing where there are no tools or nobody chose."""
    given = chat.tool_choice
    if not chat.tools or given is None:
        return None
    if isinstance(given, str):
        return {"functionCallingConfig": {"mode": MODES[given]}}
    function = given.get("function")
    if not isinstance(function, dict):
        raise _unsupported("tool_choice", f"`{given.get('type')}`", provider)
    return {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [function["name"]]}}


def _unsupported(param: str, what: str, provider: str) -> BadRequest:
    return BadRequest(
        f"`{param}` {what} is not supported by the provider `{provider}`.", param=param, code="unsupported_parameter"
    )

"""The tools of a request: which functions may be called, which must be, and the schema of a forced call."""

import re
from typing import Any, Literal

from msgspec import Struct

from parley.core.errors import BadRequest
from parley.engine.process.asks import ChatAsk
from parley.engine.process.schemas import check

NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
MOST_CALLS = 16  # in one answer
OPEN, CLOSE = "<tool_call>", "</tool_call>"
"""How Hermes, Qwen and their kin mark a call in free text."""
LARGEST = 256_000  # bytes of all functions together


class Offer(Struct, frozen=True, kw_only=True):
    """What an answer may or must call."""

    functions: dict[str, dict[str, Any]]  # schema of the arguments by name
    how: Literal["free", "may", "must"] = "free"
    several: bool = False  # whether there may be more than one call

    def schema(self) -> dict[str, Any]:
        """The schema of a forced answer: a call, or a list of calls."""
        if not self.several:
            return self.call("#")
        return {"type": "array", "items": self.call("#/items"), "minItems": 1, "maxItems": MOST_CALLS}

    def call(self, place: str) -> dict[str, Any]:
        """The schema of one call, which stands at `place` of the whole."""
        calls = [
            {
                "type": "object",
                "properties": {"name": {"const": name}, "arguments": moved(schema, f"{place}/anyOf/{index}")},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
            for index, (name, schema) in enumerate(self.functions.items())
        ]
        return {"anyOf": calls}


def moved(schema: Any, place: str) -> Any:
    """A schema whose references to itself still hold when it stands at another place."""
    if isinstance(schema, list):
        return [moved(item, place) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: moved(value, place) for key, value in schema.items()}
    if isinstance(ref := schema.get("$ref"), str):
        found["$ref"] = f"{place}/properties/arguments{ref.removeprefix('#')}"
    return found


def offer_of(ask: ChatAsk) -> Offer:
    """The tools and the choice among them. Raises BadRequest."""
    functions = dict(function_of(tool, index) for index, tool in enumerate(ask.tools or []))
    choice = ask.tool_choice if ask.tool_choice is not None else ("auto" if functions else "none")
    if choice == "none":
        return Offer(functions={})
    if not functions:
        raise BadRequest("tool_choice needs `tools`.", param="tool_choice")
    if choice == "auto":
        return within(Offer(functions=functions, how="may", several=ask.parallel_tool_calls is not False))
    if choice == "required":
        return within(Offer(functions=functions, how="must", several=ask.parallel_tool_calls is True))
    name = choice.get("function", {}).get("name") if isinstance(choice, dict) else None
    if name not in functions:
        known = ", ".join(functions)
        raise BadRequest(f"tool_choice is auto, none, required, or names one of: {known}.", param="tool_choice")
    return Offer(functions={name: functions[name]}, how="must")


def within(offer: Offer) -> Offer:
    """The offer, if all its functions together are not too much. Raises BadRequest."""
    check(offer.schema(), "tools", largest=LARGEST)
    return offer


def function_of(tool: dict[str, Any], index: int) -> tuple[str, dict[str, Any]]:
    """Name and schema of one tool. Raises BadRequest."""
    param = f"tools[{index}]"
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        raise BadRequest(f"{param} is not a function.", param=param)
    name = function.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BadRequest(f"{param} has no name of letters, digits, `_`, `.` and `-`.", param=param)
    given = function.get("parameters")
    schema = check({} if given is None else given, f"{param}.function.parameters")
    if schema.setdefault("type", "object") != "object":
        raise BadRequest(f"The parameters of {name} are not an object.", param=f"{param}.function.parameters")
    return name, schema

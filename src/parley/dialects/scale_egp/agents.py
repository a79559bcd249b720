"""Agents: a chat with tools that answers either with a text or with the request to run one tool."""

from typing import Any

import msgspec
from msgspec import Raw

from parley.core.asks import Chat, Json, Service
from parley.core.errors import BadRequest
from parley.core.reading import read_body
from parley.core.reply import Reply
from parley.dialects.scale_egp.chats import chat_of
from parley.dialects.scale_egp.messages import Messages, refuse_two_instructions
from parley.dialects.scale_egp.parameters import Parameters, in_the_canon
from parley.dialects.scale_egp.replies import first


class Agent(Service, frozen=True, kw_only=True):
    """What an agent is asked; `model` is named by the path where a deployment is executed."""

    model: str | None = None
    messages: Messages
    tools: list[dict[str, Json]]
    model_parameters: Parameters | None = None
    model_request_parameters: Json = None


_AGENT = msgspec.json.Decoder(Agent)


def read_agent(body: bytes, account: str | None = None, model: str | None = None) -> tuple[Chat, dict[str, Raw]]:
    """The chat that asks an agent for its next action. Raises BadRequest."""
    asked, _ = read_body(_AGENT, body)
    refuse_two_instructions(asked.instructions, asked.messages)
    more: dict[str, Any] = in_the_canon(asked.model_parameters)
    if asked.tools:
        more["tools"] = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(asked.tools)]
        more["parallel_tool_calls"] = False  # there is room for one request
    more["instructions"] = asked.instructions or ""
    return chat_of(asked, asked.messages, account, model=model or asked.model, **more)


def is_agent(ask: Chat) -> bool:
    """Whether a chat of a deployment was read by `read_agent`: no other has instructions."""
    return ask.instructions is not None


def write_agent(reply: Reply, ask: Chat) -> bytes:
    """The action: a text, or a tool to run; both keys are there always."""
    choice = first(reply)
    if choice.tools:
        called = {"name": choice.tools[0].name, "arguments": choice.tools[0].arguments}
        return msgspec.json.encode({"action": "tool_request", "context": {"content": None, "tool_request": called}})
    said = {"content": choice.text or "", "tool_request": None}
    return msgspec.json.encode({"action": "content", "context": said})


def _tool(tool: dict[str, Json], at: str) -> Json:
    if not isinstance(tool.get("name"), str) or not tool["name"]:
        raise BadRequest(f"`{at}.name` must be a string.", param=f"{at}.name", code="invalid_value")
    if not isinstance(tool.get("arguments"), dict):
        raise BadRequest(f"`{at}.arguments` must be a JSON schema.", param=f"{at}.arguments", code="invalid_value")
    function = {"name": tool["name"], "parameters": tool["arguments"]}
    if tool.get("description") is not None:
        function["description"] = tool["description"]
    return {"type": "function", "function": function}

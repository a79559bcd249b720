"""What applications do with `octoai` 1.11.0."""

import json
from typing import Any

from octoai.client import AsyncOctoAI, OctoAI
from octoai.environment import OctoAIEnvironment
from octoai.text_gen import ChatCompletionResponseFormat, ChatMessage, FunctionDefinition, StreamOptions, ToolDefinition


def _address(url: str) -> Any:
    return OctoAIEnvironment(default=url, image_gen=url, text_gen=url)


def _asked(url: str, key: str, more: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The text side of a client, and the arguments with the package's own types where it has them."""
    if "schema" in more:
        more["response_format"] = ChatCompletionResponseFormat(type="json_object", schema=more.pop("schema"))
    if "stream_options" in more:
        more["stream_options"] = StreamOptions(**more["stream_options"])
    if "functions" in more:
        more["tools"] = [ToolDefinition(function=FunctionDefinition(**one)) for one in more.pop("functions")]
    messages = [ChatMessage(**message) for message in more.pop("messages")]
    return OctoAI(api_key=key, environment=_address(url)).text_gen, {"messages": messages, **more}


def chat(url: str, key: str, **more: Any) -> Any:
    """A whole answer."""
    client, asked = _asked(url, key, more)
    return json.loads(client.create_chat_completion(**asked).json())


def stream(url: str, key: str, **more: Any) -> Any:
    """The chunks of a stream."""
    client, asked = _asked(url, key, more)
    return [json.loads(chunk.json()) for chunk in client.create_chat_completion_stream(**asked)]


async def stream_async(url: str, key: str, **more: Any) -> Any:
    """The chunks of a stream, by the asynchronous client."""
    client = AsyncOctoAI(api_key=key, environment=_address(url)).text_gen
    return [json.loads(chunk.json()) async for chunk in client.create_chat_completion_stream(**more)]


def complete(url: str, key: str, **more: Any) -> Any:
    """A whole text completion."""
    return json.loads(OctoAI(api_key=key, environment=_address(url)).text_gen.create_completion(**more).json())


def complete_stream(url: str, key: str, **more: Any) -> Any:
    """The pieces of a text completion."""
    client = OctoAI(api_key=key, environment=_address(url)).text_gen
    return [json.loads(chunk.json()) for chunk in client.create_completion_stream(**more)]

"""What applications do with `portkey-ai`."""

import json
from typing import Any

from portkey_ai import AsyncPortkey, Portkey


def _client(kind: Any, url: str, key: str, client: dict[str, Any] | None) -> Any:
    return kind(base_url=f"{url}/v1", api_key=key, **(client or {}))


def _plain(value: Any) -> Any:
    return json.loads(value.model_dump_json()) if hasattr(value, "model_dump_json") else value


def chat(url: str, key: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """A whole answer, and what its headers said."""
    answer = _client(Portkey, url, key, client).chat.completions.create(**more)
    headers = dict(answer.get_headers())
    return {"answer": _plain(answer), "headers": headers}


def stream(url: str, key: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """The chunks of a stream."""
    return [_plain(chunk) for chunk in _client(Portkey, url, key, client).chat.completions.create(stream=True, **more)]


async def chat_async(url: str, key: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """A whole answer, by the asynchronous client."""
    answer = await _client(AsyncPortkey, url, key, client).chat.completions.create(**more)
    headers = dict(answer.get_headers())
    return {"answer": _plain(answer), "headers": headers}


async def stream_async(url: str, key: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """The chunks of a stream, by the asynchronous client."""
    found = await _client(AsyncPortkey, url, key, client).chat.completions.create(stream=True, **more)
    return [_plain(chunk) async for chunk in found]


def call(url: str, key: str, method: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """What a method of the client, named with its dots, gives."""
    found = _client(Portkey, url, key, client)
    for name in method.split("."):
        found = getattr(found, name)
    value = found(**more)
    return value.text if method == "logs.create" and hasattr(value, "text") else _plain(value)


def run(url: str, key: str, **more: Any) -> Any:
    """A stored prompt, run; streamed if it says so."""
    found = _client(Portkey, url, key, None).prompts.completions.create(**more)
    return [_plain(chunk) for chunk in found] if more.get("stream") else _plain(found)

"""What applications do with `octoai-sdk` 0.10.1."""

import json
from typing import Any

from octoai.client import Client


def _client(url: str, key: str) -> Any:
    client = Client(token=key)
    client.chat.completions.endpoint = f"{url}/v1/chat/completions"
    return client


def chat(url: str, key: str, **more: Any) -> Any:
    """A whole answer."""
    return json.loads(_client(url, key).chat.completions.create(**more).json())


def stream(url: str, key: str, **more: Any) -> Any:
    """The chunks of a stream."""
    return [json.loads(chunk.json()) for chunk in _client(url, key).chat.completions.create(stream=True, **more)]

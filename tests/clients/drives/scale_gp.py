"""What applications do with `scale-gp` 0.1.0a62."""

from typing import Any

from scale_gp import AsyncSGPClient, SGPClient


def _client(url: str, key: str, account: str | None = None) -> SGPClient:
    return SGPClient(api_key=key, account_id=account, base_url=url, max_retries=0, timeout=20)


def chat(url: str, key: str, account: str | None = None, **more: Any) -> Any:
    """A whole answer."""
    return _client(url, key, account).chat_completions.create(**more).to_dict()


def stream(url: str, key: str, **more: Any) -> Any:
    """The frames of a stream."""
    return [frame.to_dict() for frame in _client(url, key).chat_completions.create(stream=True, **more)]


async def stream_async(url: str, key: str, **more: Any) -> Any:
    """The frames of a stream, by the asynchronous client."""
    client = AsyncSGPClient(api_key=key, base_url=url, max_retries=0, timeout=20)
    return [frame.to_dict() async for frame in await client.chat_completions.create(stream=True, **more)]


def complete(url: str, key: str, **more: Any) -> Any:
    """A whole text completion."""
    return _client(url, key).completions.create(**more).to_dict()


def complete_stream(url: str, key: str, **more: Any) -> Any:
    """The frames of a text completion."""
    return [frame.to_dict() for frame in _client(url, key).completions.create(stream=True, **more)]


def deployed_chat(url: str, key: str, deployment: str, **more: Any) -> Any:
    """A chat with a deployment."""
    more.pop("model")
    return _client(url, key).models.chat_completions.create(deployment, **more).to_dict()


def agent(url: str, key: str, **more: Any) -> Any:
    """An agent's next action."""
    return _client(url, key).agents.execute(**more).to_dict()

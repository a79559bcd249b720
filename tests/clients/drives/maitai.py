"""What applications do with `maitai-python`, whose host stands in the environment and is read at its import."""

import asyncio
import json
import os
import threading
import time
from pathlib import Path
from typing import Any


def _module(url: str) -> Any:
    os.environ.update(MAITAI_HOST=url, MAITAI_CONFIG_DIR=str(Path.home() / ".maitai"))
    os.environ.setdefault("GROQ_API_KEY", "none")  # 1.2.24 fails without one, though it is not asked for
    import maitai

    return maitai


def _nowhere(maitai: Any) -> None:
    """Lets the push channel, whose address is in the package, find nobody instead of dialling out."""
    from maitai._config import Config

    if not getattr(Config, "pointed", False):
        Config.maitai_ws = "ws://127.0.0.1:1/ws"


def _client(url: str, key: str, more: dict[str, Any]) -> Any:
    maitai = _module(url)
    _nowhere(maitai)
    return maitai.Maitai(maitai_api_key=key, **more)


def _plain(value: Any) -> Any:
    return json.loads(value.model_dump_json() if hasattr(value, "model_dump_json") else json.dumps(value, default=str))


def chat(url: str, key: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """A whole answer."""
    return _plain(_client(url, key, client or {}).chat.completions.create(**more))


def stream(url: str, key: str, client: dict[str, Any] | None = None, **more: Any) -> Any:
    """The chunks of a stream."""
    return [_plain(chunk) for chunk in _client(url, key, client or {}).chat.completions.create(stream=True, **more)]


async def chat_async(url: str, key: str, **more: Any) -> Any:
    """A whole answer, by the asynchronous client."""
    maitai = _module(url)
    _nowhere(maitai)
    return _plain(await maitai.MaitaiAsync(maitai_api_key=key).chat.completions.create(**more))


async def stream_async(url: str, key: str, **more: Any) -> Any:
    """The chunks of a stream, by the asynchronous client."""
    maitai = _module(url)
    _nowhere(maitai)
    found = await maitai.MaitaiAsync(maitai_api_key=key).chat.completions.create(stream=True, **more)
    return [_plain(chunk) async for chunk in found]


def called_back(url: str, key: str, within: float, **more: Any) -> Any:
    """A whole answer, and what its callback was given within so many seconds."""
    told: list[Any] = []
    here = threading.Event()

    def callback(evaluation: Any) -> None:
        told.append(_plain(evaluation))
        here.set()

    answer = _client(url, key, {}).chat.completions.create(callback=callback, **more)
    here.wait(within)
    return {"answer": _plain(answer), "told": told}


def elsewhere(url: str, key: str, provider: str, **more: Any) -> Any:
    """An answer that the client gets from a provider itself, with the caller's own key."""
    client = _client(url, key, {"openai_api_key": "sk-own", "base_url": provider})
    answer = client.chat.completions.create(server_side_inference=False, **more)
    time.sleep(0.5)  # what is only stored is handed in by a thread
    return _plain(answer)


def log(url: str, key: str, **more: Any) -> Any:
    """Leaves a request and its answer in the log."""
    _client(url, key, {}).log(**more)
    time.sleep(0.5)
    return None


def context(url: str, key: str, **more: Any) -> Any:
    """Leaves a text or a file as context of an application."""
    return _client(url, key, {}).context.update(**more)


def with_file(url: str, key: str, name: str, content: str, **more: Any) -> Any:
    """A whole answer to a message with a file that was sent before."""
    client = _client(url, key, {})
    id = client.files.upload_bytes(content.encode(), name)
    parts = [{"type": "text", "text": "What is in it?"}, {"type": "file", "file": {"file_id": id}}]
    return _plain(client.chat.completions.create(messages=[{"role": "user", "content": parts}], **more))


async def pushed(url: str, key: str, ws: str, application: str, intent: str, within: float, ready: str) -> Any:
    """The model of an intent before and after a change that the gateway pushes."""
    maitai = _module(url)
    from maitai._config import Config

    Config.maitai_ws, Config.pointed = ws, True
    client = maitai.Maitai(maitai_api_key=key)

    def model() -> Any:
        return client.config.get_application_action_config(application, intent).model

    before = model()
    Path(ready).touch()
    until = time.monotonic() + within
    while model() == before and time.monotonic() < until:
        await asyncio.sleep(0.05)
    return {"before": before, "after": model()}

"""What a client has beside OpenAI's: who is told of evaluations, and who delivers answers had without Parley."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from parley_client import direct
from parley_client.asked import Asked
from parley_client.background import LoopThread, Tasks
from parley_client.delivery import Delivery
from parley_client.outbox import Outbox, outbox_folder
from parley_client.params import Callback
from parley_client.portal import Portal
from parley_client.results import Completion
from parley_client.streams import Streamed
from parley_client.watching import Reach, Watcher

BASE_URL = "http://127.0.0.1:8700/v1"

A = TypeVar("A")
B = TypeVar("B", LoopThread, Tasks)


@dataclass(frozen=True)
class Options:
    """What a client is constructed with beside OpenAI's options."""

    provider_api_key: str | None = field(default=None, repr=False)
    provider_base_url: str | None = None
    provider_name: str | None = None
    outbox: Path | None = None
    grace: float = 5.0


@dataclass(frozen=True)
class Began:
    """When a call began: on the clock of the day, and on one that only goes forward."""

    at: float = field(default_factory=time.time)
    counted: float = field(default_factory=time.perf_counter)

    def ms(self, until: float | None = None) -> float:
        """Milliseconds from then to `until` (`time.perf_counter()`), or to now."""
        return ((time.perf_counter() if until is None else until) - self.counted) * 1000


class Service(Generic[B]):
    """Shared by a client and its copies (`with_options`). Nothing here waits."""

    background: B

    def __init__(self, background: B, reach: Reach, options: Options, base_url: str, api_key: str) -> None:
        self.background = background
        self.options = options
        self.portal = Portal()
        self._watcher = Watcher(background, reach)
        folder = outbox_folder(options.outbox, base_url, api_key)
        self.delivery = Delivery(background, reach, Outbox(folder), self._watcher)

    def watched(self, answer: A, callback: Callback | None) -> A:
        """The answer (whole, a stream or a raw response), after which `callback` will be told."""
        if callback is None:
            return answer
        if isinstance(answer, Streamed):
            answer.when_ended(lambda: self._watcher.watch(answer.request_id, callback, answer.evaluation))
        elif isinstance(answer, Completion):
            self._watcher.watch(answer.request_id, callback, answer.evaluation)
        else:  # a raw response: its body is the caller's to read
            self._watcher.watch(getattr(answer, "headers", {}).get("x-request-id"), callback)
        return answer

    def submitted(self, raw: Any, answer: A, asked: Asked, began: Began) -> A:
        """The provider's answer, which Parley will be handed once it is whole; `raw` is openai's raw response."""
        id, request = direct.new_id(), raw.http_request.content
        provider = self.options.provider_name or direct.provider_name(str(raw.url))
        facts: dict[str, object] = {"provider": provider, "created": began.at}
        if isinstance(answer, Completion):
            answer._request_id = id
            whole = answer.to_dict(mode="json")
            self._submit(direct.record(id, request, asked.ours, whole, {**facts, "latency_ms": began.ms()}), asked)
            return answer
        assert isinstance(answer, Streamed)
        stream, chunks = answer, answer.keep(id, hide_usage=not direct.shows_usage(asked.openais))

        def ended() -> None:
            first = began.ms(stream.first_at) if stream.first_at is not None else None
            times = {"latency_ms": began.ms(), "first_token_ms": first, "complete": stream.complete, "stream": True}
            self._submit(direct.record(id, request, asked.ours, direct.folded(chunks), {**facts, **times}), asked)

        answer.when_ended(ended)
        return answer

    def _submit(self, record: dict[str, object], asked: Asked) -> None:
        self.delivery.submit(record, asked.callback)


def address(base_url: object) -> str:
    """Where Parley is: as given, else PARLEY_BASE_URL, else this machine."""
    return str(base_url or os.environ.get("PARLEY_BASE_URL") or BASE_URL)


def key(api_key: str | None) -> str:
    """The key: as given, else PARLEY_API_KEY. Raises ValueError where there is none."""
    found = api_key or os.environ.get("PARLEY_API_KEY")
    if not found:
        raise ValueError("No key for Parley: give `api_key`, or set PARLEY_API_KEY. `parley keys create` makes one.")
    return found

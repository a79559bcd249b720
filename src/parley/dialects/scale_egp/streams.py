"""Streams of this wire: a frame for each piece of text, and a last one with the finish reason and the tokens.

No `[DONE]` ends them; every line of data begins with `data: `. The service's own frame of a chat is not published: the
REST reference speaks of the whole shape with a piece in it, newer clients type `completions`; one object has both, and
all of these clients read it (2026-08).
"""

from typing import Any

import msgspec

from parley.core.asks import Chat, Json
from parley.core.errors import GatewayError
from parley.core.reply import Event, Notes, Usage
from parley.dialects.scale_egp.errors import write_error
from parley.dialects.scale_egp.replies import token_usage


class _Stream:
    """What the two have in common; `frame` says what a piece is."""

    def __init__(self, ask: Chat, id: str, model: str, created: int) -> None:
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._notes: Notes = {}

    def write(self, events: list[Event]) -> bytes:
        """The frames that tell `events`."""
        frames = []
        for event in events:
            if event.usage is not None:
                self._usage = event.usage
            if event.notes is not None:
                self._notes.update(event.notes)
            for delta in event.deltas:
                if delta.finish is not None:
                    self._finish = delta.finish
                if delta.text:
                    frames.append(_data(self.frame(delta.text, None, None)))
        return b"".join(frames)

    def end(self) -> bytes:
        """The last frame."""
        return _data({**self.frame("", self._finish or "stop", self._usage), **self._notes})

    def error(self, error: GatewayError) -> bytes:
        """An event that `scale-gp` raises; `scale-egp` reads its data, finds no completion in it and raises too."""
        return b"event: error\ndata: " + write_error(error) + b"\n\n"

    def frame(self, text: str, finish: str | None, usage: Usage | None) -> dict[str, Json]:
        """One frame."""
        raise NotImplementedError


class ChatStream(_Stream):
    """A streamed chat."""

    def frame(self, text: str, finish: str | None, usage: Usage | None) -> dict[str, Json]:
        """Both shapes in one object."""
        return {
            "chat_completion": {"message": {"role": "assistant", "content": text}, "finish_reason": finish},
            "token_usage": token_usage(usage),
            "completions": [["", [text]]],
            "finish_reason": finish,
            "prompt_tokens": usage.prompt_tokens if usage else None,
            "response_tokens": usage.completion_tokens if usage else None,
        }


class CompletionStream(_Stream):
    """A streamed completion."""

    def frame(self, text: str, finish: str | None, usage: Usage | None) -> dict[str, Json]:
        """The whole shape with a piece of the text in it."""
        return {"completion": {"text": text, "finish_reason": finish}, "token_usage": token_usage(usage)}


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"

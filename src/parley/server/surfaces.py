"""The paths that take calls, and the dialect that reads and writes each."""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Raw, Struct

from parley.core.errors import GatewayError
from parley.core.reply import Event, Reply
from parley.dialects import openai_chat, openai_completions, openai_embeddings


class StreamWriter(Protocol):
    """Turns events into the bytes that one client reads."""

    def write(self, events: list[Event]) -> bytes:
        """The frames for these events; may be empty."""

    def end(self) -> bytes:
        """What ends a complete stream."""

    def error(self, error: GatewayError) -> bytes:
        """What ends a stream that was cut; never what ends a complete one."""


class Surface(Struct, frozen=True, kw_only=True):
    """One path's dialect. `stream_writer` takes the ask, and an id, model and time for chunks of our own."""

    dialect: str
    read: Callable[[bytes], tuple[Any, dict[str, Raw]]]
    write_reply: Callable[[Reply, Any], bytes]
    stream_writer: Callable[[Any, str, str, int], StreamWriter] | None = None


SURFACES = {
    "/v1/chat/completions": Surface(
        dialect=openai_chat.NAME,
        read=openai_chat.read_chat,
        write_reply=openai_chat.write_reply,
        stream_writer=openai_chat.StreamWriter,
    ),
    "/v1/completions": Surface(
        dialect=openai_completions.NAME,
        read=openai_completions.read_completion,
        write_reply=openai_completions.write_reply,
        stream_writer=openai_completions.StreamWriter,
    ),
    "/v1/embeddings": Surface(
        dialect=openai_embeddings.NAME,
        read=openai_embeddings.read_embed,
        write_reply=openai_embeddings.write_reply,
    ),
}

"""The paths that take calls, and the dialect that reads and writes each.

A surface is found by its path, exactly or by a pattern, and may give way to another one where a client of a kind of its
own is at the door (`suits`).
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from msgspec import Raw, Struct, structs

from parley.core.error_shape import error_body
from parley.core.errors import GatewayError, NotFound
from parley.core.reply import Event, Reply
from parley.dialects import openai_chat, openai_completions, openai_embeddings

Headers = Mapping[bytes, bytes]


class StreamWriter(Protocol):
    """Turns events into the bytes that one client reads."""

    def write(self, events: list[Event]) -> bytes:
        """The frames for these events; may be empty."""

    def end(self) -> bytes:
        """What ends a complete stream."""

    def error(self, error: GatewayError) -> bytes:
        """What ends a stream that was cut; never what ends a complete one."""


Read = Callable[[bytes], tuple[Any, dict[str, Raw]]]
"""Reads a body into an ask and its fields' own bytes, by the names of the canon. Raises BadRequest."""


class Surface(Struct, frozen=True, kw_only=True):
    """One path's dialect. `stream_writer` takes the ask, and an id, model and time for chunks of our own.

    `read_at` stands in for `read` where the path has parameters, which it is given by name, together with the request's
    headers. `ping` is what a silent stream says to keep its connection, empty where its clients fail on it.
    """

    dialect: str
    read: Read
    write_reply: Callable[[Reply, Any], bytes]
    stream_writer: Callable[[Any, str, str, int], StreamWriter] | None = None
    read_at: Callable[[Mapping[str, str], Headers, bytes], tuple[Any, dict[str, Raw]]] | None = None
    write_error: Callable[[GatewayError], bytes] = error_body
    stream_type: bytes = b"text/event-stream; charset=utf-8"
    ping: bytes = b": ping\n\n"


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

PATTERNS: tuple[tuple[re.Pattern[str], Surface], ...] = ()
"""Paths with parameters, each a named group."""

SUITED: tuple[tuple[Callable[[Headers], bool], Mapping[str, Surface]], ...] = ()
"""Clients with surfaces of their own on shared paths: whether a request's headers are theirs, and their paths."""


def is_surface(path: str) -> bool:
    """Whether calls are taken at this path."""
    return path in SURFACES or any(pattern.fullmatch(path) for pattern, _ in PATTERNS)


def surface_at(path: str, headers: Headers) -> Surface:
    """The surface of a path that takes calls, for the client who sent these headers."""
    for suits, own in SUITED:
        if path in own and suits(headers):
            return own[path]
    found = SURFACES.get(path)
    return found if found is not None else _matched(path, headers)


def _matched(path: str, headers: Headers) -> Surface:
    for pattern, surface in PATTERNS:
        if (match := pattern.fullmatch(path)) and surface.read_at is not None:
            return structs.replace(surface, read=partial(surface.read_at, match.groupdict(), headers))
    raise NotFound(f"There is nothing at {path}.")

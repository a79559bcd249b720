"""The paths that take calls, and the dialect that reads and writes each.

A surface is found by its path, exactly or by a pattern, and may give way to another one where a client of a kind of its
own is at the door (`suits`).
"""

from collections.abc import Callable, Mapping
from functools import partial

from msgspec import structs

from parley.core.errors import NotFound
from parley.dialects import openai_chat, openai_completions, openai_embeddings
from parley.server.octoai import is_octoai, octoai_surfaces
from parley.server.portkey.embeddings import is_portkey, portkey_surfaces
from parley.server.scale import SCALE
from parley.server.surface import Headers, Patterned, Surface

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

PATTERNS: tuple[Patterned, ...] = SCALE
"""Paths with parameters, each a named group."""

SUITED: tuple[tuple[Callable[[Headers], bool], Mapping[str, Surface]], ...] = (
    (is_octoai, octoai_surfaces({path: SURFACES[path] for path in ("/v1/chat/completions", "/v1/completions")})),
    (is_portkey, portkey_surfaces(SURFACES)),
)
"""Clients with surfaces of their own on shared paths: whether a request's headers are theirs, and their paths."""


class Surfaces:
    """Every path that takes calls."""

    def __init__(self, *more: Patterned) -> None:
        """`more` are paths with parameters whose surfaces need a part of the house."""
        self._patterns = (*PATTERNS, *more)

    def has(self, path: str) -> bool:
        """Whether calls are taken at this path."""
        return path in SURFACES or any(pattern.fullmatch(path) for pattern, _ in self._patterns)

    def at(self, path: str, headers: Headers) -> Surface:
        """The surface of a path that takes calls, for the client who sent these headers."""
        for suits, own in SUITED:
            if path in own and suits(headers):
                return own[path]
        found = SURFACES.get(path)
        return found if found is not None else self._matched(path, headers)

    def _matched(self, path: str, headers: Headers) -> Surface:
        for pattern, surface in self._patterns:
            if (match := pattern.fullmatch(path)) and surface.read_at is not None:
                return structs.replace(surface, read=partial(surface.read_at, match.groupdict(), headers))
        raise NotFound(f"There is nothing at {path}.")

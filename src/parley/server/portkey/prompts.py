"""Stored prompts on Portkey's paths: run like any call, its messages being the template with its variables.

`POST /v1/prompts/{slug}/completions` with `variables`, `stream` and whatever parameters the caller wants otherwise.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct, structs

from parley.core.asks import Json
from parley.core.errors import BadRequest
from parley.core.reading import read_body
from parley.dialects import openai_chat
from parley.prompts.book import PromptBook
from parley.server.surface import Headers, Patterned, Surface

_RUN = re.compile(r"/v1/prompts/(?P<slug>[^/]+)/(?:completions|generate)")


class Filling(Struct, frozen=True):
    """What a caller gives a prompt."""

    variables: dict[str, Json] = {}


_FILLING = msgspec.json.Decoder(Filling)


def prompt_surfaces(book: PromptBook, union: Surface) -> list[Patterned]:
    """The path on which prompts are run, answered as on the `union` surface."""

    def read_at(parameters: Mapping[str, str], headers: Headers, body: bytes) -> tuple[Any, dict[str, Raw]]:
        return openai_chat.read_chat(msgspec.json.encode(filled(book, parameters["slug"], body)))

    def read(body: bytes) -> tuple[Any, dict[str, Raw]]:
        raise BadRequest("Which prompt is meant stands in the path.")

    surface: Surface = structs.replace(union, read=read, read_at=read_at)
    return [(_RUN, surface)]


def filled(book: PromptBook, slug: str, body: bytes) -> dict[str, Json]:
    """The request that a prompt and what is given amount to. Raises BadRequest and NotFound."""
    given, fields = read_body(_FILLING, body)
    more = {name: raw for name, raw in fields.items() if name != "variables" and raw != b"null"}
    return book.filled(slug, given.variables, more)

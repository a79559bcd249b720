"""Embeddings for Portkey's client, which asks for base64 where nobody did and then does not decode it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, structs

from parley.server.surface import Headers, Surface

PATH = "/v1/embeddings"


def is_portkey(headers: Headers) -> bool:
    """Whether Portkey's own package is at the door."""
    return headers.get(b"x-portkey-package-version", b"").startswith(b"portkey-")


def portkey_surfaces(union: Mapping[str, Surface]) -> dict[str, Surface]:
    """The surface of embeddings as numbers, whatever was asked for."""
    surface = union[PATH]

    def read(body: bytes) -> tuple[Any, dict[str, Raw]]:
        ask, fields = surface.read(body)
        if ask.encoding_format == "base64":
            fields["encoding_format"] = Raw(b'"float"')
            ask = structs.replace(ask, encoding_format="float")
        return ask, fields

    return {PATH: structs.replace(surface, read=read)}

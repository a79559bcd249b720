"""What a request's headers say to be kept with its record: Portkey's metadata, and W3C's baggage."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from parley.core.asks import Json
from parley.core.errors import BadRequest

METADATA = b"x-portkey-metadata"
BAGGAGE = b"baggage"
NAMES = frozenset({METADATA, BAGGAGE})
MEMBERS = 64
"""Members of a baggage that are read, as W3C asks at least (Baggage, 2024-05)."""

SINGLE_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def labels(headers: Mapping[bytes, bytes], own: dict[str, Json] | None) -> dict[str, Json] | None:
    """The metadata of a request: its body's own, then the header's, then the baggage's. Raises BadRequest."""
    found: dict[str, Json] = {}
    if (carried := headers.get(BAGGAGE)) is not None:
        found |= read_baggage(carried.decode("latin-1"))
    if given := headers.get(METADATA):
        found |= read_metadata(given)
    return (found | (own or {})) or None


def read_metadata(given: bytes) -> dict[str, Json]:
    """The object in Portkey's header, also with single quotes, as its own documentation writes it.

    Raises BadRequest.
    """
    for text in (given, _double_quoted(given)):
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise BadRequest(
        "`x-portkey-metadata` must be a JSON object with letters outside ASCII as \\uXXXX.",
        param="x-portkey-metadata",
        code="invalid_value",
    )


def read_baggage(text: str) -> dict[str, str]:
    """The members of a baggage; what is no member is passed over."""
    found = {}
    for member in text.split(",")[:MEMBERS]:
        name, mark, value = member.partition(";")[0].partition("=")
        if mark and name.strip():
            found[name.strip()] = unquote(value.strip())
    return found


def _double_quoted(given: bytes) -> bytes:
    def quoted(match: re.Match[str]) -> str:
        return msgspec.json.encode(match[1].replace("\\'", "'")).decode()

    return SINGLE_QUOTED.sub(quoted, given.decode("latin-1")).encode("latin-1", "replace")

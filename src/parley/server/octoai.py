"""OctoAI's clients on the paths that they share with OpenAI's: who they are, and the surfaces that suit them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, structs

from parley.core.errors import GatewayError
from parley.core.reply import Event
from parley.dialects import octoai
from parley.server.surface import Headers, Read, StreamWriter, Surface, WriteStream


def is_octoai(headers: Headers) -> bool:
    """Whether one of OctoAI's own packages is at the door."""
    return headers.get(b"x-fern-sdk-name") == b"octoai" or headers.get(b"user-agent", b"").startswith(b"octoai-")


def octoai_surfaces(union: Mapping[str, Surface]) -> dict[str, Surface]:
    """The surfaces of these paths as OctoAI's clients want them."""
    return {
        path: structs.replace(
            surface,
            read=_checked(surface.read),
            stream_writer=surface.stream_writer and _cutting(surface.stream_writer),
            ping=b"",
            settles=octoai.SETTLES,
        )
        for path, surface in union.items()
    }


def _checked(read: Read) -> Read:
    def checked(body: bytes) -> tuple[Any, dict[str, Raw]]:
        octoai.check_body(body)
        return read(body)

    return checked


def _cutting(write: WriteStream) -> WriteStream:
    def cutting(ask: Any, id: str, model: str, created: int) -> StreamWriter:
        return _Cutting(write(ask, id, model, created))

    return cutting


class _Cutting:
    """A writer whose failures are not told in words."""

    def __init__(self, writer: StreamWriter) -> None:
        self._write = writer.write
        self.end = writer.end

    def write(self, events: list[Event]) -> bytes:
        """The frames for these events."""
        return self._write([octoai.printed(event) for event in events])

    def error(self, error: GatewayError) -> None:
        """Nothing: the connection breaks off."""

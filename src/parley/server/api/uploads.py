"""Uploads: a file in the body of a request, as it is or in a form, read no further than it may be large."""

import asyncio
import re
from typing import Any

from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from parley.core.errors import BadRequest, TooLarge
from parley.server.api.reading import read_body

ARRIVES = 60.0
"""Seconds in which a file has to be here."""
MOST_FIELDS = 32
FORM = "multipart/form-data"
ROOM = 64 * 1024
"""Bytes that a form may need around its file."""
HEADER = re.compile(rb'(?:^|;)\s*(\w+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))')


class Field(Struct, frozen=True, kw_only=True):
    """One field of a form (RFC 7578); `filename` is None where it is no file."""

    name: str
    filename: str | None
    media: str
    data: bytes


class Upload:
    """A body that was not read yet."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.media = request.headers.get("content-type", "")

    @property
    def is_form(self) -> bool:
        """Whether the file is in a form."""
        return self.media.partition(";")[0].strip().lower() == FORM

    async def read(self, limit: int) -> bytes:
        """The body, of at most `limit` bytes. Raises TooLarge (before reading where its length is said), BadRequest."""
        if self._request.headers.get("content-encoding", "identity").lower() != "identity":
            raise BadRequest(
                "Send the file as it is, without a content-encoding.", param="content-encoding", status=415
            )
        most = limit + ROOM if self.is_form else limit
        announced = self._request.headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > most:
            raise _too_large(limit)
        found = bytearray()
        try:
            async with asyncio.timeout(ARRIVES):
                async for piece in self._request.stream():
                    found += piece
                    if len(found) > most:
                        raise _too_large(limit)
        except TimeoutError:
            raise BadRequest(f"The file did not arrive within {ARRIVES:.0f} seconds.") from None
        except ClientDisconnect:
            raise BadRequest("The file did not arrive whole.") from None
        if not found:
            raise BadRequest("The body is empty; send the file in it.", param="content")
        return bytes(found)

    async def json(self, kind: Any) -> Any:
        """The body as JSON of this kind, which may be no larger than any other. Raises BadRequest and TooLarge."""
        return await read_body(kind, self._request)

    async def form(self, limit: int) -> list[Field]:
        """The fields of a form. Raises BadRequest where it is none, TooLarge where a field is."""
        fields = form_fields(await self.read(limit), self.media)
        if any(len(field.data) > limit for field in fields):
            raise _too_large(limit)
        return fields


def form_fields(body: bytes, media: str) -> list[Field]:
    """The fields of a `multipart/form-data` body. Raises BadRequest."""
    boundary = _parameters(media.encode("latin-1", "replace")).get("boundary", b"")
    if not 1 <= len(boundary) <= 70:
        raise BadRequest("The content type of a form names its boundary.", param="content-type")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BadRequest("This form ends before its last boundary.", param="content")
    if len(pieces) > MOST_FIELDS + 2:
        raise BadRequest(f"A form has at most {MOST_FIELDS} fields here.", param="content")
    return [_field(piece) for piece in pieces[1:-1]]


def _field(piece: bytes) -> Field:
    head, found, data = piece.lstrip(b" \t").partition(b"\r\n\r\n")
    headers = {}
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    said = _parameters(headers.get(b"content-disposition", b""))
    if not found or "name" not in said:
        raise BadRequest("A field of this form has no name.", param="content")
    filename = said.get("filename")
    return Field(
        name=said["name"].decode("utf-8", "replace"),
        filename=None if filename is None else filename.decode("utf-8", "replace"),
        media=headers.get(b"content-type", b"").decode("latin-1"),
        data=data,
    )


def _parameters(value: bytes) -> dict[str, bytes]:
    found = {}
    for name, quoted, bare in HEADER.findall(value[value.find(b";") :] if b";" in value else b""):
        found[name.decode("ascii").lower()] = re.sub(rb"\\(.)", rb"\1", quoted) if quoted else bare
    return found


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The document is larger than {limit:,} bytes, which is what `context.max_document` allows.", param="content"
    )

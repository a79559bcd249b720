"""Cursors of lists: where a page ended, as a string that means nothing to anyone else."""

import base64
import binascii
from typing import TypeVar

import msgspec

from parley.core.errors import BadRequest

T = TypeVar("T")


def write_cursor(place: tuple[object, ...]) -> str:
    """The cursor for the row at `place`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read_cursor(after: str, kind: type[T]) -> T:
    """The place that a cursor means. Raises BadRequest for anything that this list did not give out."""
    try:
        data = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(data, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise BadRequest(
            "`after` must be the `next` of the page before.", param="after", code="invalid_value"
        ) from None

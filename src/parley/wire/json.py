"""Reads and writes JSON by msgspec, and says in one sentence where a text goes wrong.

Of a key that stands twice the last value counts (RFC 8259, section 4, leaves it open; msgspec 0.22 does this).
NaN and Infinity are refused when read and written as `null`, as ECMA-404 knows neither. Nesting is bounded by the
interpreter's recursion limit (about 950 levels): beyond it both ways end in a JsonError, never in a crash.
"""

from typing import Any, TypeVar

import msgspec

from parley.wire.errors import JsonError

T = TypeVar("T")

Fields = dict[str, msgspec.Raw]

_encoder = msgspec.json.Encoder()
_any = msgspec.json.Decoder()
_fields: msgspec.json.Decoder[Fields] = msgspec.json.Decoder(Fields)

_TOO_DEEP = "The JSON is nested too deeply."


def encode(value: Any) -> bytes:
    """`value` as compact UTF-8 JSON; a Raw inside is copied as it is.

    Raises JsonError if it holds what JSON can not say, or nests too deeply.
    """
    try:
        return _encoder.encode(value)
    except RecursionError:
        raise JsonError(_TOO_DEEP) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise JsonError(f"The value can not be written as JSON: {error}.") from error


def decode(data: bytes | str) -> Any:
    """The value of `data`. Raises JsonError."""
    return decode_with(_any, data)


def decode_fields(data: bytes | str) -> Fields:
    """The fields of an object, each value still JSON: cheap where only a few are looked at. Raises JsonError."""
    return decode_with(_fields, data)


def decode_with(decoder: msgspec.json.Decoder[T], data: bytes | str) -> T:
    """What `decoder` makes of `data`; keep the decoder, building one is slow. Raises JsonError."""
    try:
        return decoder.decode(data)
    except RecursionError:
        raise JsonError(_TOO_DEEP) from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise JsonError(_sentence(error, len(data))) from error


def _sentence(error: Exception, size: int) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"The JSON does not fit: {error}."
    if isinstance(error, UnicodeDecodeError):
        return f"The JSON holds a byte that is not UTF-8 (byte {error.start} of its text)."
    if "truncated" in str(error):
        return f"The JSON ends too early (byte {size})." if size else "The JSON is empty."
    return f"{error}."

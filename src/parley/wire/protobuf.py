"""Reads and writes Protocol Buffers' wire format: fields by number, without any schema.

Format: protobuf.dev/programming-guides/encoding (2026-08). Groups, which nobody writes any more, are refused.
"""

import struct
from collections.abc import Iterator

from parley.wire.errors import ProtobufError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

Field = tuple[int, int | bytes]
"""A field's number and its value: a number for varints and fixed ones (as unsigned integers), else bytes."""


def read_fields(data: bytes) -> Iterator[Field]:
    """The fields of a message in the order they came. Raises ProtobufError where it is none."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = _varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise ProtobufError(f"the field {number} is of the kind {kind}, which is not known")
        if number == 0 or at + size > end:
            raise ProtobufError("it ends in the middle of a field")
        part = data[at : at + size]
        at += size
        yield number, part if kind == BYTES else int.from_bytes(part, "little")


def double_of(bits: int) -> float:
    """The number whose 64 bits a fixed field holds."""
    found: float = struct.unpack("<d", bits.to_bytes(8, "little"))[0]
    return found


def signed_of(value: int) -> int:
    """The signed number that a varint of 64 bits means."""
    return value - 2**64 if value >= 2**63 else value


def bytes_field(number: int, value: bytes) -> bytes:
    """A field of bytes, a text or a message."""
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def text_field(number: int, value: str) -> bytes:
    """A field of text."""
    return bytes_field(number, value.encode("utf-8", "replace"))


def varint_field(number: int, value: int) -> bytes:
    """A field of a whole number, an enumeration or a truth."""
    return varint(number << 3 | VARINT) + varint(value % 2**64)


def fixed64_field(number: int, value: int) -> bytes:
    """A field of a number of 64 bits."""
    return varint(number << 3 | FIXED64) + value.to_bytes(8, "little")


def double_field(number: int, value: float) -> bytes:
    """A field of a floating-point number."""
    return varint(number << 3 | FIXED64) + struct.pack("<d", value)


def varint(value: int) -> bytes:
    """An unsigned number in groups of seven bits, the lowest first."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ProtobufError("it ends in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value % 2**64, at
        shift += 7

"""Writes messages of AWS's binary event streams, as Bedrock sends them."""

import json
import zlib
from typing import Any


def header(name: str, kind: int, value: bytes) -> bytes:
    """One header; `value` as it stands on the wire."""
    return bytes([len(name)]) + name.encode() + bytes([kind]) + value


def text(name: str, value: str) -> bytes:
    """A header that is a string."""
    return header(name, 7, len(value.encode()).to_bytes(2, "big") + value.encode())


def message(headers: bytes, payload: bytes) -> bytes:
    """A whole message with both checksums."""
    total = 16 + len(headers) + len(payload)
    prelude = total.to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    body = prelude + zlib.crc32(prelude).to_bytes(4, "big") + headers + payload
    return body + zlib.crc32(body).to_bytes(4, "big")


def event(name: str, value: Any) -> bytes:
    """An event with a JSON payload, padded as Bedrock pads its deltas."""
    told = text(":event-type", name) + text(":content-type", "application/json") + text(":message-type", "event")
    return message(told, json.dumps({**value, "p": "abc"}, ensure_ascii=False).encode())


def exception(name: str, words: str) -> bytes:
    """An exception in the middle of a stream."""
    told = text(":exception-type", name) + text(":content-type", "application/json")
    return message(told + text(":message-type", "exception"), json.dumps({"message": words}).encode())

"""Reads Bedrock's errors: `{"message": ...}` with the exception's name in a header, or as an event of a stream.

Every exception has a status of its own (botocore 1.44.5, 2026-11), so the header is not needed. 424, which says that
the model failed behind Bedrock, is told as 502: clients and routes know that one.
"""

import msgspec
from msgspec import DecodeError

from parley.core.error_shape import refusal_of
from parley.core.errors import UpstreamRefused
from parley.core.reply import Json

EXCEPTIONS = {
    "validationException": 400,
    "serviceQuotaExceededException": 400,
    "accessDeniedException": 403,
    "resourceNotFoundException": 404,
    "modelTimeoutException": 408,
    "conflictException": 409,
    "modelErrorException": 424,
    "modelStreamErrorException": 424,
    "throttlingException": 429,
    "modelNotReadyException": 429,
    "internalServerException": 500,
    "serviceUnavailableException": 503,
}
"""Names as streams have them, and their statuses."""

TYPES = {status: name[0].upper() + name[1:] for name, status in reversed(EXCEPTIONS.items())}
"""The name that an error status most likely has."""

MODEL_FAILED = 424


def read_error(status: int, body: bytes) -> UpstreamRefused:
    """The upstream's words for an error status, with the exception's name as its type."""
    error = refusal_of(_told(status), _words(body))
    if error.type == UpstreamRefused.type:
        error.type = TYPES.get(status, error.type)
    return error


def told_error(name: str, body: bytes, words: bytes | None) -> UpstreamRefused:
    """The exception, or the `error` without a payload, that ended a stream."""
    status = EXCEPTIONS.get(name[:1].lower() + name[1:], UpstreamRefused.status)
    error = refusal_of(_told(status), _words(words or body))
    error.type = name or error.type
    return error


def _told(status: int) -> int:
    return UpstreamRefused.status if status == MODEL_FAILED else status


def _words(body: bytes) -> Json:
    """The body's value; `Message` is how AWS's front door spells `message`."""
    try:
        value = msgspec.json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")
    return {"message": value["Message"]} if isinstance(value, dict) and "Message" in value else value

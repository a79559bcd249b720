"""Reads Gemini's errors: `{"error": {code, message, status, details}}`, in a list where a stream was asked for.

How long to wait stands only in `details`, as `google.rpc.RetryInfo` with decimal seconds (`58.93s`); there is no
Retry-After header (seen in many reports up to 2026-09).
"""

import math
import re

import msgspec
from msgspec import DecodeError

from parley.core.error_shape import refusal_of
from parley.core.errors import UpstreamRefused
from parley.core.reply import Json

_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")

RETRY_INFO = "google.rpc.RetryInfo"


def read_error(status: int, body: bytes) -> UpstreamRefused:
    """The upstream's words for an error status; `type` is Google's status, such as `RESOURCE_EXHAUSTED`."""
    try:
        value = msgspec.json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        value = body.decode("utf-8", "replace")
    return _refusal(status, value)


def told_error(error: Json) -> UpstreamRefused:
    """The error told where an answer should be, under its own status."""
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code <= 599 else UpstreamRefused.status
    return _refusal(status, {"error": error})


def _refusal(status: int, value: Json) -> UpstreamRefused:
    refusal = refusal_of(status, value)
    refusal.retry_after = _retry_after(value)
    return refusal


def _retry_after(value: Json) -> str | None:
    """Whole seconds, rounded up."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    error = value.get("error") if isinstance(value, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith(RETRY_INFO):
            found = _SECONDS.fullmatch(str(detail.get("retryDelay", "")))
            return str(math.ceil(float(found[1]))) if found else None
    return None

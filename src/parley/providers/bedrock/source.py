"""What a source of AWS credentials is, and how their JSON is read where a service gives them."""

from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import DecodeError, Struct

from parley.core.errors import UpstreamUnreachable
from parley.providers.bedrock.signature import Credentials
from parley.providers.provider import Send

Lease = tuple[Credentials, float]
"""Credentials, and the time (seconds since 1970) until which they are good."""


class Source(Protocol):
    """One place where credentials come from."""

    async def fetch(self, send: Send) -> Lease:
        """Fresh credentials. Raises UpstreamError where there are none."""


class _Told(Struct, frozen=True, rename="pascal"):
    access_key_id: str
    secret_access_key: str
    token: str
    expiration: str


_TOLD = msgspec.json.Decoder(_Told)


def read_lease(who: str, status: int, body: bytes) -> Lease:
    """The credentials in an answer of `who`, as the container's and the instance's services give them."""
    try:
        told = _TOLD.decode(body) if status == 200 else None
        ends_at = datetime.fromisoformat(told.expiration).timestamp() if told is not None else 0.0
    except (DecodeError, UnicodeDecodeError, ValueError):
        told, ends_at = None, 0.0
    if told is None:
        raise UpstreamUnreachable(f"{who} gave no AWS credentials (status {status}).")
    return Credentials(told.access_key_id, told.secret_access_key, told.token), ends_at

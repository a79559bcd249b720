"""The record of one request, as the ledger keeps it."""

from typing import Any

from msgspec import Struct

from parley.core.enclosures import Enclosure
from parley.core.reply import Usage

ANSWERED, REFUSED, FAILED, LEFT = "answered", "refused", "failed", "left"
"""How a request ended: with an answer, refused by Parley or the upstream (4xx), failed, or the client left."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One model that was asked for a request, or passed over: then `status` is None and `reason` says why.

    `status` is HTTP's; `ms` runs until its first token or its failure; `reason` is None for the one that answered.
    `usage` and `cost_usd` are there where an attempt that did not answer was paid for; of one that was given up before
    it said anything, the prompt's tokens are `estimated`.
    """

    model: str
    provider: str
    status: int | None = None
    ms: float = 0.0
    reason: str | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    estimated: bool = False


class Record(Struct, frozen=True, kw_only=True):
    """What happened to one request. Times are seconds since the epoch, durations milliseconds, money US dollars.

    `messages` and `answer` are JSON bytes, or None where content is not kept. `attempts` is None where only one model
    was asked, once: then the record itself is the attempt. `saved_usd` is what a hit in the cache would have cost.
    """

    id: str
    created: float
    account: str
    application: str
    intent: str
    session_id: str
    trace_id: str
    outcome: str
    status: int
    operation: str = "chat"
    model: str = ""
    provider: str = ""
    upstream_model: str = ""
    completion_id: str | None = None
    reference_id: str | None = None
    user_id: str | None = None
    key_id: str = ""
    stream: bool = False
    usage: Usage | None = None
    cost_usd: float | None = None
    latency_ms: float = 0.0
    first_token_ms: float | None = None
    finish_reason: str | None = None
    cache: str = "DISABLED"
    saved_usd: float | None = None
    fallback_reason: str | None = None
    attempts: tuple[Attempt, ...] | None = None
    error: str | None = None
    metadata: dict[str, Any] | None = None
    messages: bytes | None = None
    answer: bytes | None = None


class Sealed(Record, frozen=True, kw_only=True):
    """A record with what is committed together with it."""

    enclosures: tuple[Enclosure, ...] = ()

"""A call: what a client asks, who asks, whose conversation it belongs to, and until when an answer is of use."""

from msgspec import Raw, Struct

from parley.core.asks import Ask, Json
from parley.core.documents import Retrieved
from parley.core.passage import Passage


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks: the holder of a key."""

    key_id: str
    account: str
    scopes: frozenset[str]
    name: str = ""


class Whose(Struct, frozen=True, kw_only=True):
    """Whose conversation this is, as the request or its key says; nothing here is empty but what is optional.

    `said_user` is OpenAI's `user` or Portkey's `_user`: recorded where there is no `user_id`, and nothing else.
    """

    account: str
    application: str
    intent: str
    session_id: str
    reference_id: str | None = None
    user_id: str | None = None
    said_user: str | None = None
    metadata: dict[str, Json] | None = None


class Trace(Struct, frozen=True, kw_only=True):
    """Where this call stands in the caller's own trace; `brought`: the caller said so, else the trace begins here."""

    trace_id: str
    span_id: str | None = None
    parent_span_id: str | None = None
    span_name: str | None = None
    brought: bool = False


Settled = tuple[tuple[str, Json], ...]
"""Fields of an ask, and the values that they have where nobody gave one."""


class Source(Struct, frozen=True, kw_only=True):
    """The client's own words: the dialect, each top-level field as it came, and the ask as it was read from them.

    A field of the ask that is still the very object of `asked` was not touched since, so its bytes may go through.
    `settles` is what the client's service promises where neither the request nor any configuration says a thing.
    """

    dialect: str
    fields: dict[str, Raw]
    asked: Ask
    settles: Settled = ()


class Directions(Struct, frozen=True, kw_only=True):
    """What a request's headers say of where it should go, as they came (Portkey's `x-portkey-` headers)."""

    config: str | None = None
    provider: str | None = None
    virtual_key: str | None = None
    custom_host: str | None = None
    request_timeout: str | None = None


class Caching(Struct, frozen=True, kw_only=True):
    """What a request's headers say of the cache: its own namespace, asking anew, waiting for an equal call's answer."""

    namespace: str | None = None
    refresh: bool = False
    share: bool = True


class Call(Struct, frozen=True, kw_only=True):
    """One request on its way downstairs. Stages return changed copies (`msgspec.structs.replace`)."""

    id: str
    received: float  # seconds since the epoch
    deadline: float  # event-loop time past which nobody waits
    caller: Caller
    whose: Whose
    trace: Trace
    ask: Ask
    source: Source
    path: str = "/v1/chat/completions"
    directions: Directions | None = None
    caching: Caching | None = None
    passage: Passage | None = None  # where receipts are kept
    context: Retrieved | None = None  # the documents that the model is given, where it was asked for

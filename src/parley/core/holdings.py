"""What the store holds besides records: keys, configurations, pages of a list, sums of usage."""

from typing import Any, Generic, TypeVar

from msgspec import Struct

from parley.core.allowances import Allowance
from parley.core.record import Record

T = TypeVar("T")


class Key(Struct, frozen=True, kw_only=True):
    """An API key at rest: `hash` is the hex SHA-256 of the secret, `prefix` its first characters; epoch seconds."""

    id: str
    name: str
    hash: str
    prefix: str
    scopes: tuple[str, ...]
    account: str
    created: float
    expires_at: float | None = None
    revoked_at: float | None = None
    allowance: Allowance | None = None


class Named(Struct, frozen=True, kw_only=True):
    """An application (`intent` None) or an intent that was met or configured; `version` 0: nothing is settled."""

    application: str
    intent: str | None
    created: float
    version: int = 0


class Settled(Struct, frozen=True, kw_only=True):
    """One version of the configuration of an application, or of one of its intents; versions count from 1.

    `author` is the id of the key that changed it, `file`, or `first request`; `created` is in epoch seconds.
    """

    application: str
    intent: str | None
    version: int
    created: float
    author: str
    config: dict[str, Any]


class NamedConfig(Struct, frozen=True, kw_only=True):
    """One version of a named routing config; versions count from 1, one from `parley.toml` is 0.

    `author` is the id of the key that changed it, or `file`; `created` is in epoch seconds.
    """

    name: str
    version: int
    created: float
    author: str
    config: dict[str, Any]


class Page(Struct, Generic[T], frozen=True):
    """A part of a list; `next` is the cursor of the following part, None on the last."""

    data: list[T]
    next: str | None


class UsageRow(Struct, frozen=True, kw_only=True):
    """Sums over the requests of one group. `group` maps what was asked for (`day` as YYYY-MM-DD, UTC) to its value.

    `cached_tokens` is a part of `prompt_tokens`; `cost_usd` counts what has a known price, `saved_usd` what
    answers from the cache would have cost.
    """

    group: dict[str, str]
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    answered: int = 0
    refused: int = 0
    failed: int = 0
    left: int = 0


class CacheRow(Struct, frozen=True, kw_only=True):
    """What the cache keeps of one account, application and namespace; `semantic` of them can be found by sense."""

    account: str
    application: str
    namespace: str
    entries: int
    bytes: int
    semantic: int


class KeptSummary(Struct, frozen=True):
    """What sums up the first `covered` messages of a session; `digest` is that of those messages."""

    digest: str
    covered: int
    text: str


class Feedback(Struct, frozen=True, kw_only=True):
    """What somebody thought of a request, a session or a trace: at least one of the three ids is there.

    `corrected` is the answer as it should have been; `author` the id of the key that sent it; epoch seconds.
    """

    id: str
    created: float
    account: str
    author: str
    application: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    trace_id: str | None = None
    score: float | None = None
    weight: float | None = None
    text: str | None = None
    corrected: str | None = None
    metadata: dict[str, Any] | None = None


class Webhook(Struct, frozen=True, kw_only=True):
    """Who wants to hear of `events`, of one application or account or of all; `secret` signs what is sent."""

    id: str
    created: float
    url: str
    secret: str
    events: tuple[str, ...]
    application: str | None = None
    account: str | None = None
    enabled: bool = True


class Prompt(Struct, frozen=True, kw_only=True):
    """One version of a stored prompt; versions count from 1, and the `published` one is asked.

    `content` has what Portkey's prompts have: `string` (a text, or messages as JSON), `parameters`, `model` and more.
    """

    slug: str
    version: int
    name: str
    created: float
    author: str
    published: bool
    content: dict[str, Any]


class SessionSums(Struct, frozen=True, kw_only=True):
    """What the requests of a session come to; times in epoch seconds, `latency_ms` is all of them together.

    `faults` counts answers in which a sentinel found one.
    """

    session_id: str
    account: str
    application: str
    user_ids: list[str]
    created: float
    last: float
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    latency_ms: float
    faults: int


class SessionTurn(Struct, frozen=True, kw_only=True):
    """One request of a session, and what was judged and thought of its answer."""

    record: Record
    evaluation: dict[str, Any] | None
    feedback: list[dict[str, Any]]


class TraceRow(Struct, frozen=True, kw_only=True):
    """A trace in a list: the sums over its requests; `last` is when the newest began. Epoch seconds."""

    trace_id: str
    started: float
    last: float
    ms: float
    requests: int
    errors: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    models: list[str]
    account: str
    application: str

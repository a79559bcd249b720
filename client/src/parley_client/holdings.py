"""What the management API answers: pages, documents, passages, sessions, memories and feedback.

Times are in seconds since 1970. A field that Parley says and that is not named here is there all the same, untyped.
"""

from typing import Any, Generic, TypeVar

from openai import BaseModel

from parley_client.results import Evaluation

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A part of a list; `next` is the `after` of the next part, None on the last."""

    data: list[T]
    next: str | None = None


class Document(BaseModel):
    """A document: `status` is pending, indexing, ready or failed; `answers`: whether a version of it answers now."""

    id: str
    reference: str
    account: str
    application: str
    type: str
    description: str | None = None
    metadata: dict[str, Any] | None = None
    size: int
    digest: str
    created: float
    status: str
    answers: bool
    chunks: int
    chunks_done: int
    error: str | None = None


class Part(BaseModel):
    """A passage that applies to a query; `score` is 0..1, `path` the headings above it, outermost first."""

    reference: str
    text: str
    score: float
    path: list[str]
    document: str
    number: int


class Found(BaseModel):
    """What applies to a query, best first; `trouble` says why it may be less than there is."""

    query: str
    data: list[Part]
    trouble: str | None = None


class Removed(BaseModel):
    """How much is gone: documents count passages (`chunks`), the others rows."""

    removed: int = 0
    chunks: int = 0


class Session(BaseModel):
    """What the requests of a session come to; `faults` counts answers in which a sentinel found one."""

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


class Feedback(BaseModel):
    """What somebody thought of a request, a session or a trace; `corrected` is the answer as it should have been."""

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


class Turn(BaseModel):
    """One request of a session; it has the other fields of a request's record too."""

    id: str
    created: float
    outcome: str
    model: str = ""
    provider: str = ""
    messages: list[dict[str, Any]] | None = None
    answer: Any = None
    cost_usd: float | None = None
    evaluation: Evaluation | None = None
    feedback: list[Feedback] = []  # noqa: RUF012  (pydantic copies it)


class Timeline(Session):
    """A session with its turns, oldest first; `next` is the `after` of its next part."""

    turns: list[Turn]
    next: str | None = None


class Memory(BaseModel):
    """A fact that is known of a user: `attribute` has the `value`, said in the request `source`."""

    id: str
    account: str
    application: str
    user_id: str
    created: float
    text: str
    kind: str
    attribute: str
    value: str
    confidence: float
    source: str | None = None
    relation: str
    supersedes: str | None = None
    current: bool

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

    reference: str
    id: str = ""
    application: str = ""
    type: str = ""
    description: str | None = None
    metadata: dict[str, Any] | None = None
    size: int = 0
    created: float = 0.0
    status: str = ""
    answers: bool = False
    chunks: int = 0
    chunks_done: int = 0
    error: str | None = None


class Part(BaseModel):
    """A passage that applies to a query; `score` is 0..1, `path` the headings above it."""

    reference: str
    text: str
    score: float = 0.0
    path: list[str] = []  # noqa: RUF012  (pydantic copies it)
    document: str = ""
    number: int = 0


class Found(BaseModel):
    """What was found, best first; `trouble` says why it may be less than there is."""

    query: str
    data: list[Part]
    trouble: str | None = None


class Removed(BaseModel):
    """It is gone."""

    deleted: bool = True


class Session(BaseModel):
    """A session with its timeline."""

    session_id: str = ""
    application: str = ""


class Memory(BaseModel):
    """Something that is known of a user."""

    id: str
    text: str = ""
    user_id: str = ""
    application: str = ""
    created: float = 0.0


class Feedback(BaseModel):
    """What somebody thought of an answer or a session."""

    id: str = ""


Evaluations = Page[Evaluation]

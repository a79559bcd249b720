"""Shapes that several nouns share: paging, lists, filters of requests."""

from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct, field

T = TypeVar("T")

Limit = Annotated[int, Meta(ge=1, le=1000, description="Entries per page.")]
Cursor = Annotated[str, Meta(max_length=1000, description="The `next` of the page before.")]
When = Annotated[str, Meta(description="2026-08-20, 2026-08-20T10:00:00Z, 24h (ago) or seconds since 1970; UTC.")]


class Paging(Struct, frozen=True, kw_only=True):
    """Which part of a list."""

    limit: Limit = 50
    after: Cursor | None = None


class Within(Struct, frozen=True, kw_only=True):
    """Which requests: their time (`since` counts, `until` does not) and whose they are."""

    since: When | None = None
    until: When | None = None
    account: str | None = None
    application: str | None = None
    intent: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    model: str | None = None
    provider: str | None = None
    outcome: Literal["answered", "refused", "failed", "left"] | None = None
    metadata: Annotated[
        list[str], Meta(description="`KEY:VALUE`, repeated: what the metadata says; values count to 128 letters.")
    ] = field(default_factory=list)


class Listed(Struct, Generic[T], frozen=True):
    """A page of a list; `next` is null on the last."""

    data: list[T]
    next: str | None

"""One operation of the HTTP surface as a value: what the OpenAPI page says of it, and what a route does."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from parley.core.call import Caller
from parley.server.api.services import ApiServices
from parley.server.api.uploads import Upload


class Operation(Struct, frozen=True, kw_only=True):
    """What one method of one path takes and answers; types are msgspec's, `None` where there is none.

    `answer` is the type of the JSON body, or a media type where the body is something else; `media` are types that it
    has as well. `failure` is the shape of a service's own errors. `also` are further statuses of the same answer,
    `errors` those besides what every operation has. A body that is `loose` is handed on as plain JSON, because its own
    check says better what is wrong. `scope` is what a key needs; an operation with the scope `inference` sees to it
    that such a key meets nothing but what is its own account's. An `upload` takes a file of any type, which its handler
    reads (`Asked.upload`); the last parameter of a path that is `deep` may hold slashes.
    """

    method: str
    path: str
    summary: str
    tag: str
    query: type[Struct] | None = None
    body: Any = None
    loose: bool = False
    answer: Any = None
    media: tuple[str, ...] = ()
    failure: Any = None
    status: int = 200
    also: tuple[int, ...] = ()
    errors: tuple[int, ...] = ()
    public: bool = False
    scope: str = "admin"
    upload: bool = False
    deep: bool = False


class Asked(Struct, frozen=True, kw_only=True):
    """A checked request: `query` and `body` are of the operation's types."""

    caller: Caller
    path: dict[str, str]
    query: Any = None
    body: Any = None
    if_match: str | None = None
    last_event_id: str | None = None
    upload: Upload | None = None
    stopping: Callable[[], bool] = bool  # whether the gateway wants to end, and a stream without an end should too

    @property
    def only(self) -> str | None:
        """The account that this caller may see; None: every one."""
        return None if "admin" in self.caller.scopes else self.caller.account


Handler = Callable[[ApiServices, Asked], Awaitable[Any]]
"""Answers something that JSON can hold, or a whole `Response`. Raises core's errors."""


class Endpoint(Struct, frozen=True):
    """An operation and what does it."""

    operation: Operation
    handle: Handler


class Answer(Struct, frozen=True, kw_only=True):
    """A JSON answer with a status or headers of its own."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}

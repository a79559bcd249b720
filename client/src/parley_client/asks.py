"""Requests as values: an `Ask` says what to send and what comes back; both clients send it, each in its way.

A method of the management API is written once, as a function that makes an Ask. `client.sessions.get("s")` then is a
session on `Parley` and an awaitable of one on `AsyncParley`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from urllib.parse import quote

from openai import AsyncOpenAI, OpenAI

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=OpenAI | AsyncOpenAI, covariant=True)


@dataclass(frozen=True)
class Ask(Generic[T]):
    """One request; `path` begins with `/v1/` or `/api/`, `timeout` is in seconds, None the client's own."""

    method: str
    path: str
    answer: type[T]
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    files: Mapping[str, tuple[str, bytes]] | None = None
    timeout: float | None = None
    retries: int | None = None


def given(**fields: object) -> dict[str, object]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def path(*parts: str) -> str:
    """A path of the management API; each part is quoted."""
    return "/api/" + "/".join(quote(part, safe="") for part in parts)


def send(client: OpenAI | AsyncOpenAI, ask: Ask[T]) -> Any:
    """The answer to `ask`, or an awaitable of it where the client is asynchronous. Raises openai's errors."""
    root = str(client.base_url).rstrip("/").removesuffix("/v1")
    options: dict[str, object] = {"params": dict(ask.query)}
    if ask.timeout is not None:
        options["timeout"] = ask.timeout
    if ask.retries is not None:
        options["max_retries"] = ask.retries
    content: dict[str, object] = {} if ask.body is None else {"body": ask.body}
    if ask.files is not None:
        content["files"] = dict(ask.files)
        options["headers"] = {"Content-Type": "multipart/form-data"}  # in the letters that openai writes it in
    call = getattr(client, ask.method.lower())
    return call(root + ask.path, cast_to=ask.answer, options=options, **content)


class Noun(Generic[C]):
    """What the management API has of one kind."""

    def __init__(self, client: C) -> None:
        self._client = client


class operation(Generic[P, T]):  # noqa: N801  (it is used as a decorator)
    """Makes a method that sends the Ask which the decorated function makes."""

    def __init__(self, make: Callable[Concatenate[Any, P], Ask[T]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, noun: None, owner: type) -> "operation[P, T]": ...
    @overload
    def __get__(self, noun: Noun[OpenAI], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, noun: Noun[AsyncOpenAI], owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: type) -> Any:
        """The method, bound to the noun's client."""
        if noun is None:
            return self

        make = MethodType(self._make, noun)

        @wraps(make)
        def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            return send(noun._client, make(*args, **kwargs))

        return bound

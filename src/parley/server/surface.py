"""A surface: how the calls of one path are read and answered, in the words of the service whose clients come there."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from msgspec import Raw, Struct

from parley.core.call import Call, Settled
from parley.core.error_shape import error_body
from parley.core.errors import GatewayError
from parley.core.reply import Event, Reply

Headers = Mapping[bytes, bytes]


class StreamWriter(Protocol):
    """Turns events into the bytes that one client reads."""

    def write(self, events: list[Event]) -> bytes:
        """The frames for these events; may be empty."""

    def end(self) -> bytes:
        """What ends a complete stream."""

    def error(self, error: GatewayError) -> bytes | None:
        """What ends a stream that was cut; never what ends a complete one. None: this client hears no words, so that
        only a connection that breaks off tells it."""


@runtime_checkable
class JudgedWriter(StreamWriter, Protocol):
    """A writer whose last chunk tells the evaluation, where there is one."""

    def judged(self, evaluation: dict[str, Any]) -> None:
        """Notes the evaluation, before the end."""


Read = Callable[[bytes], tuple[Any, dict[str, Raw]]]
"""Reads a body into an ask and its fields' own bytes, by the names of the canon. Raises BadRequest."""


WriteStream = Callable[[Any, str, str, int], StreamWriter]
"""Makes the writer of one stream from the ask, and an id, model and time for chunks of our own."""


class Surface(Struct, frozen=True, kw_only=True):
    """One path's dialect.

    `read_at` stands in for `read` where the path has parameters, which it is given by name, together with the request's
    headers. `ping` is what a silent stream says to keep its connection, empty where its clients fail on it. `settles`
    are the service's own defaults, for fields that nobody else fills in. With `evaluated`, clients hear of evaluations
    on the same response: after the answer, by `write_evaluation`, where it says true of the ask, else in it.
    """

    dialect: str
    read: Read
    write_reply: Callable[[Reply, Any], bytes]
    stream_writer: WriteStream | None = None
    read_at: Callable[[Mapping[str, str], Headers, bytes], tuple[Any, dict[str, Raw]]] | None = None
    write_error: Callable[[GatewayError], bytes] = error_body
    stream_type: bytes = b"text/event-stream; charset=utf-8"
    ping: bytes = b": ping\n\n"
    settles: Settled = ()
    evaluated: Callable[[Any], bool] | None = None
    write_evaluation: Callable[[Call, dict[str, Any]], bytes] | None = None


Patterned = tuple[re.Pattern[str], Surface]
"""A path with parameters, each a named group, and its surface."""

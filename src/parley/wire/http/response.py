"""An answer whose head has arrived; its body is read whole or as it comes."""

from types import TracebackType

from parley.wire.http.connection import Connection
from parley.wire.http.encoding import Inflater, inflater_for
from parley.wire.http.errors import BodyTooLarge, HttpError
from parley.wire.http.headers import Headers
from parley.wire.http.parser import Message


class HttpResponse:
    """One answer. Leave it by reading it to its end or by `abort`; `async with` does the latter if it is unfinished."""

    __slots__ = ("_connection", "_headers", "_inflater", "_message", "status")

    def __init__(self, connection: Connection, message: Message) -> None:
        """Raises ProtocolViolated if the body is in an encoding that can not be read."""
        self.status = message.status
        self._connection = connection
        self._message = message
        self._headers: Headers | None = None
        self._inflater: Inflater | None = inflater_for(message.headers)

    @property
    def headers(self) -> Headers:
        """The header fields; look up in any case."""
        headers = self._headers
        if headers is None:
            headers = self._headers = Headers(self._message.headers)
        return headers

    async def read(self, limit: int) -> bytes:
        """The (rest of the) body, decoded; does not suspend if all of it is here.

        Raises BodyTooLarge beyond `limit` bytes, else what the exchange ended with.
        """
        message = self._message
        if self._inflater is not None:
            return await self._read_inflated(limit, self._inflater)
        if message.length > limit and not message.complete and not message.taken:
            raise self._too_large(limit)
        while True:
            if message.size > limit:
                raise self._too_large(limit)
            if message.complete:
                return message.take()
            if message.error is not None:
                raise message.error
            await self._connection.wait(message, limit + 1)

    async def next_chunk(self) -> bytes | None:
        """All bytes that came since the last call, as one piece; waits if there are none; None at the end.

        Raises what the exchange ended with, once the bytes that came before it are taken.
        """
        inflater = self._inflater
        while inflater is not None:
            if piece := inflater.more():
                return piece
            raw = await self._next_raw()
            if raw is None:
                inflater.end()
                return None
            inflater.put(raw)
        return await self._next_raw()

    def abort(self) -> None:
        """Gives the rest of the answer up: the connection is closed at once. Idempotent; harmless when all is read."""
        self._connection.give_up(self._message)

    def leave(self, seconds: float = 1.0) -> None:
        """Wants no more of the answer, which is as good as over: its last bytes may come within `seconds`.

        A stream says that it is done before its last chunk says so, often in a packet of its own; closing at that
        moment would cost the next request a new connection.
        """
        if not self._message.complete:
            self._connection.let_end(self._message, seconds)

    async def __aenter__(self) -> "HttpResponse":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    async def _next_raw(self) -> bytes | None:
        message = self._message
        while True:
            if message.size:
                return message.take()
            if message.complete:
                return None
            if message.error is not None:
                raise message.error
            await self._connection.wait(message, 1)

    async def _read_inflated(self, limit: int, inflater: Inflater) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while (piece := await self.next_chunk()) is not None:
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise self._too_large(limit)
        return b"".join(pieces)

    def _too_large(self, limit: int) -> HttpError:
        self.abort()
        return BodyTooLarge(f"The body of the upstream's answer is larger than {limit} bytes.")

"""One request and its answer on a client connection: one write where uvicorn makes two, one check where it makes many.

The head waits for the first bytes of the body, so that both leave together; it is checked once as a whole.
"""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from parley.server.asgi import CUT, Message

BODILESS = (204, 304)


class Exchange(RequestResponseCycle):
    """uvicorn's cycle with a send of our own."""

    _head: bytes = b""

    async def send(self, message: Message) -> None:  # type: ignore[override]
        """ASGI's send. Raises RuntimeError for messages out of order and for headers that HTTP can not carry."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.body" and self.response_started and not self.response_complete:
            self._send_body(message.get("body", b""), message.get("more_body", False))
        elif kind == "http.response.start" and not self.response_started:
            self._begin(message["status"], message.get("headers", ()))
        elif kind == CUT and self.response_started and not self.response_complete:
            self.response_complete = True
            self.message_event.set()
            self.transport.close()
        else:
            raise RuntimeError(f"The message {kind} is out of order.")

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        lines = [STATUS_LINE[status]]
        for name, value in (*self.default_headers, *headers):
            lines.append(b"%b: %b\r\n" % (name, value))
            if name == b"content-length":
                self.expected_content_length = int(value)
                self.chunked_encoding = False
            elif name == b"connection" and b"close" in value.lower():
                self.keep_alive = False
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        scope = self.scope
        if (
            self.chunked_encoding is None
            and scope["method"] != "HEAD"
            and status not in BODILESS
            and scope["http_version"] != "1.0"  # which knows no chunks: the body ends with the connection
        ):
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        head = b"".join(lines)
        # A line end inside a value would start a header, or an answer, that nobody meant.
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
            self.response_started = False
            raise RuntimeError("A header holds a line end or a zero byte.")
        self._head = head + b"\r\n"

    def _send_body(self, body: bytes, more: bool) -> None:
        head, self._head = self._head, b""
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            data = head
        elif self.chunked_encoding:
            data = head + b"%x\r\n%b\r\n" % (len(body), body) if body else head
            if not more:
                data += b"0\r\n\r\n"
        elif self.chunked_encoding is None:
            data = head + body
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("The body is longer than its content-length.")
            data = head + body
        if data:
            self.transport.write(data)
        if not more:
            self._complete()

    def _complete(self) -> None:
        if self.expected_content_length != 0:
            raise RuntimeError("The body is shorter than its content-length.")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

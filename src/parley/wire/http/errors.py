"""Every way in which an HTTP exchange can end badly, by where it happened.

    HttpError
    ├── RequestInvalid (ValueError)  never sent: a header, target or address that HTTP can not carry
    ├── NoConnection                 never sent: asking again elsewhere is safe
    │   ├── ConnectFailed            ├── ConnectTimedOut      ├── TlsFailed
    │   ├── ProxyRefused             ├── AddressRefused       └── PoolFull
    ├── TimedOut                     sent, and nothing came in time
    │   ├── FirstByteTimedOut        ├── IdleTimedOut         └── DeadlineExceeded
    ├── ConnectionCut                sent, and the connection ended before the answer did
    └── AnswerInvalid                answered, but not in HTTP that can be trusted
        ├── ProtocolViolated         ├── HeadTooLarge         └── BodyTooLarge

`DeadlineExceeded` may also come before anything was sent: then `sent` is False.
"""


class HttpError(Exception):
    """An exchange that did not end well; `message` is one sentence without secrets."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RequestInvalid(HttpError, ValueError):
    """A request or an address that HTTP can not carry; no byte was sent."""


class NoConnection(HttpError):
    """There was no connection to ask on; no byte of the request was sent."""


class ConnectFailed(NoConnection):
    """No address of the host took the connection."""


class ConnectTimedOut(NoConnection):
    """The connection was not made in time."""


class TlsFailed(NoConnection):
    """The other side could not prove who it is, or broke off the handshake."""


class ProxyRefused(NoConnection):
    """The proxy would not open a tunnel."""


class AddressRefused(NoConnection):
    """The host's addresses are not allowed for this request."""


class PoolFull(NoConnection):
    """Every connection to the origin was busy for too long, or too many wait already."""


class TimedOut(HttpError):
    """The answer, or the rest of it, did not come in time."""


class FirstByteTimedOut(TimedOut):
    """No byte of the answer's body came in time."""


class IdleTimedOut(TimedOut):
    """The answer began and then stood still."""


class DeadlineExceeded(TimedOut):
    """The whole exchange took longer than it may."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        """`sent`: whether any byte of the request may have left."""
        super().__init__(message)
        self.sent = sent


class ConnectionCut(HttpError):
    """The connection ended before the answer did."""

    def __init__(self, message: str, *, bytes_seen: bool) -> None:
        """`bytes_seen`: whether any byte of the answer had come."""
        super().__init__(message)
        self.bytes_seen = bytes_seen


class AnswerInvalid(HttpError):
    """The answer can not be used."""


class ProtocolViolated(AnswerInvalid):
    """The answer is not HTTP/1, or in a form that was not asked for."""


class HeadTooLarge(AnswerInvalid):
    """The answer's head, or its trailer, is larger than allowed."""


class BodyTooLarge(AnswerInvalid):
    """The answer's body is larger than the reader allows."""

"""The HTTP client: HTTP/1.1 to upstreams, over TCP, TLS, proxies and unix sockets.

    request = HttpRequest("POST", Url.parse("https://host/v1"), "/chat/completions", headers, body)
    async with await client.send(request, Timeouts(first_byte=30).until(deadline)) as response:
        while (data := await response.next_chunk()) is not None: ...      # or: body = await response.read(limit)

Every way in which it can go wrong is an HttpError; `errors.py` draws the tree.
"""

from parley.wire.http.addresses import Vet, is_loopback, is_public
from parley.wire.http.client import HttpClient
from parley.wire.http.errors import (
    AddressRefused,
    AnswerInvalid,
    BodyTooLarge,
    ConnectFailed,
    ConnectionCut,
    ConnectTimedOut,
    DeadlineExceeded,
    FirstByteTimedOut,
    HeadTooLarge,
    HttpError,
    IdleTimedOut,
    NoConnection,
    PoolFull,
    ProtocolViolated,
    ProxyRefused,
    RequestInvalid,
    TimedOut,
    TlsFailed,
)
from parley.wire.http.headers import HeaderBlock, Headers
from parley.wire.http.messages import HttpRequest, Limits, Timeouts
from parley.wire.http.proxy import Proxies, Proxy
from parley.wire.http.response import HttpResponse
from parley.wire.http.url import Url

__all__ = [
    "AddressRefused",
    "AnswerInvalid",
    "BodyTooLarge",
    "ConnectFailed",
    "ConnectTimedOut",
    "ConnectionCut",
    "DeadlineExceeded",
    "FirstByteTimedOut",
    "HeadTooLarge",
    "HeaderBlock",
    "Headers",
    "HttpClient",
    "HttpError",
    "HttpRequest",
    "HttpResponse",
    "IdleTimedOut",
    "Limits",
    "NoConnection",
    "PoolFull",
    "ProtocolViolated",
    "Proxies",
    "Proxy",
    "ProxyRefused",
    "RequestInvalid",
    "TimedOut",
    "Timeouts",
    "TlsFailed",
    "Url",
    "Vet",
    "is_loopback",
    "is_public",
]

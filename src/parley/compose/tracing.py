"""Traces that are sent elsewhere: an exporter beside the ledger, where the settings name an endpoint."""

from collections.abc import Awaitable
from contextlib import AsyncExitStack

from parley import __version__
from parley.core.record import Record
from parley.pipeline.house import Ledger
from parley.settings import Settings
from parley.tracing.exporter import Exporter
from parley.wire.http import HeaderBlock, HttpClient, HttpError, HttpRequest, Limits, Timeouts, Url

TIMEOUTS = Timeouts(connect=5, first_byte=10, idle=10, total=15)
AGAIN = frozenset({408, 429, 502, 503, 504})
"""Statuses after which an export is sent again (OTLP 1.7, `Retryable Response Codes`, 2026-08, and 408)."""
PATH = "/v1/traces"
LARGEST = 64 * 1024


class Watched:
    """A ledger whose records are also noted by an exporter."""

    def __init__(self, ledger: Ledger, exporter: Exporter) -> None:
        self._put = ledger.put
        self._note = exporter.note

    def put(self, record: Record) -> Awaitable[None]:
        """As the ledger's."""
        self._note(record)
        return self._put(record)


class Collector:
    """The endpoint that exports are posted to."""

    def __init__(self, client: HttpClient, endpoint: str, headers: dict[str, str]) -> None:
        path = "" if endpoint.rstrip("/").endswith("/traces") else PATH
        self._url = Url.parse(endpoint.rstrip("/") + path)
        own = [(b"content-type", b"application/x-protobuf")]
        self._headers = HeaderBlock([*own, *((name.encode(), value.encode()) for name, value in headers.items())])
        self._client = client

    async def post(self, body: bytes) -> bool:
        """Whether the export was taken. Raises OSError where nobody answers, and ValueError where it is refused."""
        try:
            base, _, last = str(self._url).rpartition("/")
            request = HttpRequest("POST", Url.parse(base), f"/{last}", self._headers, body)
            async with await self._client.send(request, TIMEOUTS) as response:
                await response.read(LARGEST)
                status = response.status
        except HttpError as error:
            raise OSError(error.message) from None
        if status in AGAIN:
            return False
        if not 200 <= status < 300:
            raise ValueError(f"{self._url.origin} answers with status {status}")
        return True


async def open_export(settings: Settings, ledger: Ledger, stack: AsyncExitStack) -> tuple[Ledger, Exporter | None]:
    """The ledger that calls write to, and the exporter that reads along, if there is one."""
    section = settings.tracing
    if section.otlp_endpoint is None:
        return ledger, None
    client = await stack.enter_async_context(HttpClient(Limits(connections=2), proxies=settings.proxies))
    headers = {name: secret.reveal() for name, secret in section.otlp_headers.items()}
    exporter = Exporter(Collector(client, section.otlp_endpoint, headers).post, __version__)
    await exporter.start()
    stack.push_async_callback(exporter.stop)
    return Watched(ledger, exporter), exporter

"""Asks a hub: its list of a repository's files, and one file from a byte on, over redirects that are checked."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct

from parley.hub.errors import HubBusy, HubError
from parley.hub.files import SHA256, HubFile, read_files
from parley.wire.http import HttpClient, HttpRequest, HttpResponse, RequestInvalid, Timeouts, Url

ENDPOINT = "https://huggingface.co"
TIMEOUTS = Timeouts(connect=10, first_byte=60, idle=60, total=None)
MOST_REDIRECTS = 5
MOST_PAGES = 50
MOST_LISTED = 16 << 20
"""Bytes of one page of a listing."""
NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


class Opened(Struct, frozen=True, kw_only=True):
    """A file's bytes from `start` on, as they come, and the hash that the hub's own answer gave."""

    response: HttpResponse
    start: int
    sha256: str | None


class Hub:
    """One hub. Its token goes to its own address only, never to where it redirects."""

    def __init__(self, client: HttpClient, endpoint: str = ENDPOINT, token: str | None = None) -> None:
        """Raises HubError for an address or a token that can not be used."""
        self._client = client
        try:
            self._base = Url.parse(endpoint.rstrip("/"))
        except RequestInvalid as error:
            raise HubError(f"HF_ENDPOINT: {error.message}") from None
        if token and not (token.isascii() and token.isprintable() and " " not in token):
            raise HubError("HF_TOKEN holds characters that no token has.")
        self._token = token

    async def files(self, repo: str) -> list[HubFile]:
        """The GGUF files of a repository's main branch. Raises HubError, or HttpError where nobody answers."""
        found: list[HubFile] = []
        address = f"{self._base}/api/models/{repo}/tree/main?recursive=1"
        for _ in range(MOST_PAGES):
            response, _ = await self._get(address, {}, repo)
            async with response:
                found += read_files(await response.read(MOST_LISTED))
                more = NEXT.search(response.headers.get("link") or "")
            if more is None:
                return found
            address = urljoin(address, more[1])
        raise HubError(f"The list of {repo}'s files does not end.")

    async def open(self, repo: str, path: str, start: int) -> Opened:
        """The file at `path` from byte `start` on, if the hub can; else from its beginning.

        Raises HubError, HubBusy, or HttpError.
        """
        headers = {"range": f"bytes={start}-"} if start else {}
        address = f"{self._base}/{repo}/resolve/main/{quote(path)}"
        response, sha256 = await self._get(address, headers, f"{repo}/{path}")
        if response.status == 206:
            came = RANGE.fullmatch(response.headers.get("content-range") or "")
            if came is None or int(came[1]) != start:
                response.abort()
                raise HubError(f"The hub sent another part of {path} than was asked for.")
        return Opened(response=response, start=start if response.status == 206 else 0, sha256=sha256)

    async def _get(self, address: str, headers: Mapping[str, str], what: str) -> tuple[HttpResponse, str | None]:
        """The answer at the end of the redirects, and the hash that the first one named."""
        sha256: str | None = None
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._client.send(self._request(address, headers), TIMEOUTS)
            sha256 = sha256 or _linked(response)
            if response.status in (200, 206):
                return response, sha256
            status, location = response.status, response.headers.get("location")
            response.abort()
            if status not in (301, 302, 303, 307, 308) or not location:
                raise _refused(status, what, urlsplit(address).netloc, token=self._token is not None)
            address = _followed(address, location)
        raise HubError(f"The hub redirects {what} again and again.")

    def _request(self, address: str, headers: Mapping[str, str]) -> HttpRequest:
        parts = urlsplit(address)
        try:
            url = Url.parse(f"{parts.scheme}://{parts.netloc}")
            told = {"accept-encoding": "identity", "user-agent": "parley", **headers}
            if self._token and url.origin == self._base.origin:
                told["authorization"] = f"Bearer {self._token}"
            pairs = [(name.encode(), value.encode()) for name, value in told.items()]
            request = HttpRequest("GET", url, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), pairs)
            request.head()
        except RequestInvalid as error:
            raise HubError(f"The hub leads to an address that can not be used: {error.message}") from None
        return request


def _linked(response: HttpResponse) -> str | None:
    """The SHA-256 of a large file, which the hub gives as the entity tag of what it links to."""
    tag = (response.headers.get("x-linked-etag") or response.headers.get("etag") or "").removeprefix("W/").strip('"')
    return tag if SHA256.fullmatch(tag) else None


def _followed(address: str, location: str) -> str:
    """Where a redirect leads. Raises HubError for one that leaves TLS or HTTP."""
    there = urljoin(address, location)
    before, after = urlsplit(address).scheme, urlsplit(there).scheme
    if after != "https" and after != before:
        raise HubError(f"The hub redirects from {before} to {after or 'nowhere'}, which is not followed.")
    return there.partition("#")[0]


def _refused(status: int, what: str, host: str, *, token: bool) -> HubError:
    if status == 401:
        mend = "HF_TOKEN is not valid for it" if token else "if it is private or gated, set HF_TOKEN to your token"
        return HubError(f"{host} refuses {what} (401): check the name; {mend}.")
    if status == 403:
        return HubError(
            f"{host} refuses {what} (403): accept the model's terms on its page there, with HF_TOKEN's account."
        )
    if status == 404:
        return HubError(f"{host} has no {what} (404); check the name.")
    if status == 429 or status >= 500:
        return HubBusy(f"{host} can not give {what} now (status {status}); try again later.")
    return HubError(f"{host} answers {what} with status {status}.")

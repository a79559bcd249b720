"""Gemini on Google Cloud's Vertex AI, with tokens of a service account; its reference was read 2026-11-21.

The address holds the project and the location:
`https://<location>-aiplatform.googleapis.com/v1/projects/<project>/locations/<location>`, or without the first
`<location>-` for the location `global`. The key is the text of a service account's key file, its path (`*.json`), or an
API key (express mode, whose address ends with `/v1`).
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

import msgspec

from parley.core.asks import Embed
from parley.core.errors import UpstreamTimedOut, UpstreamUnreachable
from parley.dialects import gemini
from parley.providers.google.gemini import Gemini
from parley.providers.google.service_account import ServiceAccount, fetch_token, read_key
from parley.providers.provider import Authorised, Send
from parley.providers.registry import Row
from parley.wire.http import HttpRequest, RequestInvalid, Timeouts, Url
from parley.wire.renewal import Renewed

PUBLISHER = "google"

OWN_PATHS = ("endpoints/", "publishers/")


class Vertex(Gemini):
    """Gemini in one project and location."""

    issuer = "vertex"

    def __init__(
        self,
        name: str,
        row: Row,
        *,
        url: Url,
        key: str | None,
        timeouts: Timeouts,
        headers: Mapping[str, str],
        api_version: str | None = None,
    ) -> None:
        """As `Gemini`. Raises RequestInvalid where the key file can not be read or used."""
        try:
            self._account = _account(key)
        except ValueError as error:
            raise RequestInvalid(f"`{name}`: {error}") from None
        super().__init__(
            name,
            row,
            url=url,
            key=None if self._account is not None else key,
            timeouts=timeouts,
            headers=headers,
            api_version=api_version,
        )
        self._token: Renewed[str] = Renewed()

    def place(self, model: str) -> str:
        """A publisher's model (`google/` may be left out), or an endpoint of the project's own (`endpoints/123`)."""
        if not model.startswith(OWN_PATHS):
            publisher, _, name = model.rpartition("/")
            model = f"publishers/{publisher or PUBLISHER}/models/{name}"
        return "/".join([quote(word, safe="") for word in model.split("/")])

    def embed(self, ask: Embed, model: str) -> tuple[str, bytes]:
        """Gemini's embedding models are asked as everywhere, the older ones by `predict`."""
        if "gemini" in model.rpartition("/")[2]:
            return "batchEmbedContents", gemini.write_embed(ask, model=None, provider=self.name)
        return "predict", gemini.write_predict(ask, provider=self.name)

    async def authorise(self, request: HttpRequest, send: Send, deadline: float) -> HttpRequest:
        """The request with a token that is good. Raises UpstreamError where there is none in time."""
        if self._account is None:
            return request
        try:
            token = await self._token.get(partial(fetch_token, self._account, send), deadline)
        except TimeoutError:
            raise UpstreamTimedOut(f"The provider `{self.name}` gave no token in time.") from None
        except UpstreamUnreachable as error:
            said = f"The provider `{self.name}` gave no token."
            raise UpstreamUnreachable(said, detail=error.message) from None
        headers = self._headers.plus([(b"authorization", b"Bearer " + token.encode())])
        return msgspec.structs.replace(request, headers=headers)


def _account(key: str | None) -> ServiceAccount | None:
    if key is not None and key.endswith(".json"):
        try:
            key = Path(key).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the key file {key} can not be read ({type(error).__name__})") from None
    return read_key(key) if key is not None and key.lstrip().startswith("{") else None


_: type[Authorised] = Vertex

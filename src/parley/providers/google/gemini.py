"""Google's Gemini API with an API key (generativelanguage.googleapis.com, v1beta); its reference was read 2026-11-21.

Differs from OpenAI's dialect in everything (see `dialects/gemini`); its key goes into `x-goog-api-key`, the model's
name into the path; it has no text completions.
"""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from parley.core.asks import Chat, Embed
from parley.core.call import Call
from parley.core.errors import BadRequest, GatewayError
from parley.core.reply import Reply
from parley.core.route import Target
from parley.dialects import gemini
from parley.providers.provider import EventReader, Provider
from parley.providers.registry import Row
from parley.wire.http import HeaderBlock, HttpRequest, Timeouts, Url

KEY_HEADER = "x-goog-api-key"

COLLECTIONS = ("models/", "tunedModels/")

GENERATE = {None: "generateContent", False: "generateContent", True: "streamGenerateContent?alt=sse"}


class Gemini:
    """The API-key service, or anyone who serves its API."""

    issuer = "gemini"

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
        """`headers` are further ones to send."""
        self.name = name
        self.timeouts = timeouts
        self._row = row
        self._url = url
        given = {"content-type": "application/json", **headers}
        if key:
            given[KEY_HEADER] = key
        self._headers = HeaderBlock((name.encode(), value.encode()) for name, value in given.items())

    def prepare(self, call: Call, target: Target) -> HttpRequest:
        """The request that asks `target`. Raises BadRequest for what Gemini's API can not express."""
        model, ask = target.upstream, call.ask
        if isinstance(ask, Chat):
            body = gemini.write_call(ask, model=model, accepts=self._row.beyond, provider=self.name, issuer=self.issuer)
            act = GENERATE[ask.stream]
        elif isinstance(ask, Embed):
            act, body = self.embed(ask, model)
        else:
            raise BadRequest(
                f"`{self.name}` has no text completions; use /v1/chat/completions with this model.", param="model"
            )
        return HttpRequest("POST", self._url, f"/{self.place(model)}:{act}", self._headers, body)

    def place(self, model: str) -> str:
        """The model's path below the address."""
        return _escaped(model if model.startswith(COLLECTIONS) else f"models/{model}")

    def embed(self, ask: Embed, model: str) -> tuple[str, bytes]:
        """The method that embeds, and its body."""
        return "batchEmbedContents", gemini.write_embed(ask, model=self.place(model), provider=self.name)

    def reader(self, call: Call) -> EventReader:
        """A reader for one streamed reply."""
        return gemini.StreamReader(self.issuer)

    def read(self, call: Call, body: bytes) -> Reply:
        """A whole reply; vectors come without the model's name."""
        if isinstance(call.ask, Embed):
            return msgspec.structs.replace(gemini.read_vectors(body), model=call.ask.model or "")
        return gemini.read_reply(body, self.issuer)

    def explain(self, status: int, body: bytes) -> GatewayError:
        """Google's words for an error status."""
        return gemini.read_error(status, body)


def _escaped(path: str) -> str:
    return "/".join([quote(word, safe="") for word in path.split("/")])


_: type[Provider] = Gemini

"""An upstream that speaks OpenAI's dialect: one row of the registry, an address and a key."""

from collections.abc import Mapping
from types import ModuleType
from urllib.parse import quote

import msgspec
from msgspec import Raw

from parley.core.asks import Chat, Embed, TextCompletion
from parley.core.call import Call
from parley.core.errors import GatewayError
from parley.core.reply import Reply
from parley.core.route import Target
from parley.dialects import openai_chat, openai_completions, openai_embeddings
from parley.providers.provider import EventReader, Provider
from parley.providers.registry import Row
from parley.wire.http import HeaderBlock, HttpRequest, Timeouts, Url

SPOKEN: dict[type, tuple[str, ModuleType]] = {
    Chat: ("/chat/completions", openai_chat),
    TextCompletion: ("/completions", openai_completions),
    Embed: ("/embeddings", openai_embeddings),
}
"""What each ask is asked in: the path and the dialect's module."""

_FIELDS = msgspec.json.Decoder(dict[str, Raw])


class OpenAICompatible:
    """One upstream. Its headers are rendered once; each request adds only its body."""

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
        """`headers` are further ones to send; `api_version` goes into the query where the row has deployments."""
        self.name = name
        self.timeouts = timeouts
        self._row = row
        self._url = url
        self._query = f"?api-version={api_version}" if api_version else ""
        given = {"content-type": "application/json", **headers}
        if key:
            given[row.key_header] = f"Bearer {key}" if row.key_header == "authorization" else key
        self._headers = HeaderBlock((name.encode(), value.encode()) for name, value in given.items())

    def prepare(self, call: Call, target: Target) -> HttpRequest:
        """The request that asks `target`. Raises BadRequest for a field that this upstream does not have."""
        path, dialect = SPOKEN[type(call.ask)]
        if self._row.deployments:
            # Quoted: `provider/model` lets a client write this name, which must not lead to another path.
            path = f"/openai/deployments/{quote(target.upstream, safe='')}{path}{self._query}"
        body = dialect.write_call(
            call.ask, call.source, model=target.upstream, accepts=self._row.beyond, provider=self.name
        )
        if self._row.renames or self._row.lacks:
            body = in_their_words(body, self._row)
        return HttpRequest("POST", self._url, path, self._headers, body)

    def reader(self, call: Call) -> EventReader:
        """A reader for one streamed reply."""
        reader: EventReader = SPOKEN[type(call.ask)][1].StreamReader()
        return reader

    def read(self, call: Call, body: bytes) -> Reply:
        """A whole reply."""
        reply: Reply = SPOKEN[type(call.ask)][1].read_reply(body)
        return reply

    def explain(self, status: int, body: bytes) -> GatewayError:
        """The upstream's own words for an error status."""
        error: GatewayError = openai_chat.read_error(status, body)
        return error


def in_their_words(body: bytes, row: Row) -> bytes:
    """`body` with the row's own names for fields, and without what it lacks; its own name wins where both are given."""
    fields = {name: value for name, value in _FIELDS.decode(body).items() if name not in row.lacks}
    for ours, theirs in row.renames.items():
        if ours in fields:
            fields.setdefault(theirs, fields.pop(ours))
    return msgspec.json.encode(fields)


_: type[Provider] = OpenAICompatible

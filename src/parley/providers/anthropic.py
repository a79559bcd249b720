"""Anthropic's Messages API (api.anthropic.com), version 2023-06-01; its reference was read 2026-08-21.

Differs from OpenAI's dialect in everything (see `dialects/anthropic_messages`); its key goes into `x-api-key`; it has
no text completions and no embeddings.
"""

from collections.abc import Mapping

from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.errors import BadRequest, GatewayError
from parley.core.reply import Reply
from parley.core.route import Target
from parley.dialects import anthropic_messages
from parley.providers.provider import EventReader, Provider
from parley.providers.registry import Row
from parley.wire.http import HeaderBlock, HttpRequest, Timeouts, Url

VERSION = "2023-06-01"


class Anthropic:
    """Anthropic, or anyone who serves its Messages API."""

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
        """`headers` are further ones to send, such as `anthropic-beta`."""
        self.name = name
        self.timeouts = timeouts
        self._row = row
        self._url = url
        given = {"content-type": "application/json", "anthropic-version": api_version or VERSION, **headers}
        if key:
            given[row.key_header] = key
        self._headers = HeaderBlock((name.encode(), value.encode()) for name, value in given.items())

    def prepare(self, call: Call, target: Target) -> HttpRequest:
        """The request that asks `target`. Raises BadRequest for what the Messages API can not express."""
        body = anthropic_messages.write_call(
            _chat(call, self.name), model=target.upstream, accepts=self._row.beyond, provider=self.name
        )
        return HttpRequest("POST", self._url, "/messages", self._headers, body)

    def reader(self, call: Call) -> EventReader:
        """A reader for one streamed reply."""
        return anthropic_messages.StreamReader()

    def read(self, call: Call, body: bytes) -> Reply:
        """A whole reply."""
        return anthropic_messages.read_reply(body)

    def explain(self, status: int, body: bytes) -> GatewayError:
        """Anthropic's words for an error status."""
        return anthropic_messages.read_error(status, body)


def _chat(call: Call, name: str) -> Chat:
    if isinstance(call.ask, Chat):
        return call.ask
    raise BadRequest(f"`{name}` answers chats only; use /v1/chat/completions with this model.", param="model")


_: type[Provider] = Anthropic

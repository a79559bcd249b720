"""Amazon Bedrock's Converse API: bedrock-runtime.<region>.amazonaws.com; its reference was read 2026-11-21.

Differs from OpenAI's dialect in everything (see `dialects/bedrock_converse`). Requests are signed when they are sent,
or carry a Bedrock API key as a bearer token (docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html). The model's
name stands in the path, percent-encoded whole: it may be an ARN.
"""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

import msgspec

from parley.core.asks import Chat
from parley.core.call import Call
from parley.core.errors import BadRequest, GatewayError, UpstreamTimedOut, UpstreamUnreachable
from parley.core.reply import Reply
from parley.core.route import Target
from parley.dialects import bedrock_converse
from parley.providers.bedrock.signature import Credentials, Scope, sign
from parley.providers.bedrock.sources import source_of
from parley.providers.provider import Authorised, EventReader, Send
from parley.providers.registry import Row
from parley.wire.http import HeaderBlock, HttpRequest, RequestInvalid, Timeouts, Url
from parley.wire.renewal import Renewed

SERVICE = "bedrock"

TYPE = "application/json"

_REGION = re.compile(r"(?:^|[.])([a-z]{2}(?:-[a-z]+)+-\d)(?:[.]|$)")


class Bedrock:
    """Bedrock in one region."""

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
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`key` is a Bedrock API key or says where credentials come from (`sources.py`); `env` is the process's.

        Raises RequestInvalid where the region can not be known or the source of credentials is none.
        """
        env = os.environ if env is None else env
        self.name = name
        self.timeouts = timeouts
        self._row = row
        self._url = url
        try:
            self._source = source_of(key, env)
        except ValueError as error:
            raise RequestInvalid(f"`{name}`: {error}") from None
        given = {"content-type": TYPE, **headers}
        if self._source is None:
            given["authorization"] = f"Bearer {key}"
        self._headers = HeaderBlock((name.encode(), value.encode()) for name, value in given.items())
        self._scope = Scope(region_of(url, env), SERVICE) if self._source is not None else None
        self._credentials: Renewed[Credentials] = Renewed()

    def prepare(self, call: Call, target: Target) -> HttpRequest:
        """The request that asks `target`, not signed yet. Raises BadRequest for what Converse can not express."""
        chat = _chat(call, self.name)
        body = bedrock_converse.write_call(chat, model=target.upstream, accepts=self._row.beyond, provider=self.name)
        act = "converse-stream" if chat.stream else "converse"
        return HttpRequest("POST", self._url, f"/model/{quote(target.upstream, safe='')}/{act}", self._headers, body)

    async def authorise(self, request: HttpRequest, send: Send, deadline: float) -> HttpRequest:
        """The request with its signature. Raises UpstreamError where there are no credentials in time."""
        if self._source is None or self._scope is None:
            return request
        try:
            credentials = await self._credentials.get(partial(self._source.fetch, send), deadline)
        except TimeoutError:
            raise UpstreamTimedOut(f"The credentials of the provider `{self.name}` did not come in time.") from None
        except UpstreamUnreachable as error:
            said = f"The provider `{self.name}` has no credentials."
            raise UpstreamUnreachable(said, detail=error.message) from None
        added = sign(
            credentials,
            self._scope,
            datetime.now(UTC),
            method=request.method,
            path=request.url.prefix + request.target,
            headers={"host": request.url.authority.decode(), "content-type": TYPE},
            body=request.body,
        )
        pairs = [(name.encode(), value.encode()) for name, value in added.items()]
        return msgspec.structs.replace(request, headers=self._headers.plus(pairs))

    def reader(self, call: Call) -> EventReader:
        """A reader for one streamed reply."""
        return bedrock_converse.StreamReader()

    def read(self, call: Call, body: bytes) -> Reply:
        """A whole reply; Bedrock names neither it nor the model."""
        reply = bedrock_converse.read_reply(body)
        return msgspec.structs.replace(reply, id=f"chatcmpl-{call.id}", model=_chat(call, self.name).model or "")

    def explain(self, status: int, body: bytes) -> GatewayError:
        """Bedrock's words for an error status."""
        return bedrock_converse.read_error(status, body)


def region_of(url: Url, env: Mapping[str, str]) -> str:
    """The region of an address of AWS, else AWS_REGION. Raises RequestInvalid."""
    found = _REGION.search(url.host)
    region = found[1] if found else env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")
    if not region:
        raise RequestInvalid(f"The AWS region of {url} can not be known: set AWS_REGION.")
    return region


def _chat(call: Call, name: str) -> Chat:
    if isinstance(call.ask, Chat):
        return call.ask
    raise BadRequest(f"`{name}` answers chats only; use /v1/chat/completions with this model.", param="model")


_: type[Authorised] = Bedrock

"""Asks the running gateway as a judge, for commands that try sentinels."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from parley.cli.gateway import FOR_OPERATORS, PATIENT, Gateway, key_for
from parley.cli.trouble import Trouble
from parley.core.asks import Chat
from parley.core.errors import UpstreamRefused
from parley.core.reply import Reply
from parley.dialects.openai_chat import read_reply


class Said(Struct, frozen=True):
    """A judge's answer with what it cost (US dollars, None: not known)."""

    reply: Reply
    model: str
    cost_usd: float | None


class Judge:
    """A judge behind the gateway; the connection and its key are only looked for when it is asked."""

    def __init__(self, url: str, key: str, data: Path) -> None:
        self._url, self._key, self._data = url, key, data
        self._gateway: Gateway | None = None

    async def __aenter__(self) -> "Judge":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._gateway is not None:
            await self._gateway.__aexit__()

    async def __call__(self, chat: Chat, purpose: str, deadline: float) -> Said:
        """The answer before `deadline` (event-loop time). Raises UpstreamRefused with whatever went wrong."""
        body = {name: value for name, value in msgspec.to_builtins(chat).items() if value is not None}
        try:
            if self._gateway is None:
                self._gateway = Gateway(self._url, key_for(self._key, self._data, FOR_OPERATORS))
            async with asyncio.timeout_at(deadline):
                answer = await self._gateway.call("POST", "/v1/chat/completions", body=body, timeouts=PATIENT)
                record = await self._gateway.call("GET", f"/api/requests/{quote(str(answer.get('id')), safe='')}")
        except Trouble as trouble:
            raise UpstreamRefused(str(trouble), status=400) from None
        reply = read_reply(msgspec.json.encode(answer))
        return Said(reply, record.get("model") or reply.model, record.get("cost_usd"))

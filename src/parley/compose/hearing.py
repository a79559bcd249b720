"""Who hears of evaluations and feedback: the API's desks, and webhooks with the way to send to them."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec

from parley.compose.ground import Ground
from parley.core.errors import GatewayError, Internal, UpstreamTimedOut, UpstreamUnreachable
from parley.evaluation.shown import shown_row
from parley.evaluation.webhooks import KIND, Webhooks
from parley.routing.custom_hosts import CustomHosts
from parley.store import Store
from parley.store.revisions import WEBHOOKS
from parley.wire.http import (
    HttpClient,
    HttpError,
    HttpRequest,
    Limits,
    RequestInvalid,
    TimedOut,
    Timeouts,
    Url,
    is_loopback,
    is_public,
)

TIMEOUTS = Timeouts(connect=5, first_byte=10, idle=5, total=15)
"""For one delivery; a receiver should take it at once and work later."""
LARGEST = 64 * 2**10
"""Bytes of a receiver's answer that are read."""


async def open_webhooks(ground: Ground) -> Webhooks:
    """The webhooks, with their handler left on the ground."""
    client = await ground.stack.enter_async_context(
        HttpClient(Limits(connections=64, idle_connections=16), proxies=ground.settings.proxies)
    )
    sender = Sender(client, ground.hosts)
    hooks = Webhooks(ground.store.webhooks, sender.refuse, sender.post, Told(ground.store))
    ground.handlers[KIND] = hooks.deliver
    ground.watched[WEBHOOKS] = hooks.refresh
    return hooks


class Told:
    """What a webhook is told of a subject: what the API shows of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, type: str, subject: str) -> Any:
        """The evaluation of a request, or feedback; None where it is gone."""
        if type == "feedback":
            given = await self._store.feedback.get(subject)
            return None if given is None else msgspec.to_builtins(given)
        kept = await self._store.evaluations.get(subject)
        return None if kept is None else shown_row(*kept)


class Sender:
    """Sends to public hosts, and to those that `server.custom_hosts` allows."""

    def __init__(self, client: HttpClient, hosts: CustomHosts) -> None:
        self._client = client
        self._hosts = hosts

    def refuse(self, address: str) -> str | None:
        """Why nothing may be sent there; None: it may."""
        try:
            url = Url.parse(_origin(address))
        except (RequestInvalid, ValueError) as error:
            return error.message if isinstance(error, RequestInvalid) else str(error)
        if url.unix is not None:
            return "a unix socket is no host."
        if self._hosts.refuse(str(url)) is None:
            return None
        try:
            ip_address(url.host)
        except ValueError:
            local = is_loopback(url.host)  # of other names, what they resolve to is looked at for each connection
        else:
            local = not is_public(url.host)
        return "it is not a public address; `server.custom_hosts` can allow it." if local else None

    async def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Sends; answers the status. Raises GatewayError."""
        try:
            url = Url.parse(_origin(address))
            parts = urlsplit(address)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            fields = [(name.encode(), value.encode()) for name, value in headers.items()]
            vet = self._hosts.vet(url) if self._hosts.refuse(str(url)) is None else is_public
            request = HttpRequest("POST", url, target, fields, body)
            async with await self._client.send(request, TIMEOUTS, vet) as response:
                await response.read(LARGEST)
                return response.status
        except HttpError as error:
            raise _trouble(error) from None


def _origin(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
        raise ValueError("write it like https://example.com/hook.")
    return f"{parts.scheme}://{parts.netloc}"


def _trouble(error: HttpError) -> GatewayError:
    if isinstance(error, TimedOut):
        return UpstreamTimedOut(f"The webhook did not answer in time: {error.message}")
    if isinstance(error, RequestInvalid):
        return Internal(f"The webhook can not be sent to: {error.message}")
    return UpstreamUnreachable(f"The webhook could not be reached: {error.message}")

"""The running gateway as the commands see it: its address, a key, JSON calls and streams."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from parley.cli.trouble import Trouble
from parley.wire.http import HttpClient, HttpError, HttpRequest, HttpResponse, NoConnection, Timeouts, Url

FOR_OPERATORS = ("PARLEY_ADMIN_KEY", "PARLEY_KEY")
FOR_TALK = ("PARLEY_KEY", "PARLEY_ADMIN_KEY")
"""Which variable is looked at first."""

QUICK = Timeouts(connect=5.0, first_byte=60.0, idle=60.0, total=120.0)
PATIENT = Timeouts(connect=5.0, first_byte=900.0, idle=900.0, total=3600.0)
MOST = 256 << 20
"""Bytes of the largest answer that is read whole."""

Query = Mapping[str, str | int | Sequence[str] | None]


def key_for(given: str, data: Path, variables: Sequence[str], env: Mapping[str, str] = os.environ) -> str:
    """The key that was given, that a variable holds, or that of `<data>/admin.key`. Raises Trouble."""
    for secret in (given, *(env.get(name, "") for name in variables)):
        if secret.strip():
            return secret.strip()
    file = data / "admin.key"
    try:
        return file.read_text(encoding="utf8").strip()
    except FileNotFoundError:
        reason = f"there is no {file}"
    except (OSError, UnicodeDecodeError):
        reason = f"{file} can not be read"
    raise Trouble(f"no key: give --key, set {variables[0]}, or name the data directory with --data ({reason}).")


class Gateway:
    """A gateway at an address; every fault is raised as Trouble, in one sentence."""

    def __init__(self, url: str, key: str) -> None:
        try:
            self._url = Url.parse(url.rstrip("/"))
        except HttpError as e:
            raise Trouble(e.message) from None
        if not key.isascii() or not key.isprintable():
            raise Trouble("the key holds characters that no key has.")
        self._headers = [
            (b"authorization", b"Bearer " + key.encode()),
            (b"content-type", b"application/json"),
            (b"accept", b"*/*"),
        ]
        self._client = HttpClient()

    async def __aenter__(self) -> "Gateway":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def call(
        self, method: str, path: str, query: Query | None = None, body: Any = None, timeouts: Timeouts = QUICK
    ) -> Any:
        """The answer's JSON."""
        try:
            async with await self._send(method, path, query, body, timeouts) as response:
                found = await response.read(MOST)
        except HttpError as e:
            raise self._trouble(e) from None
        try:
            return msgspec.json.decode(found)
        except msgspec.DecodeError:
            raise Trouble(f"what {self._url} answers is not JSON; is it a Parley gateway?") from None

    async def stream(
        self, method: str, path: str, query: Query | None = None, body: Any = None
    ) -> AsyncIterator[bytes]:
        """The answer's bytes as they come. An answer that was cut is Trouble, too."""
        try:
            async with await self._send(method, path, query, body, PATIENT) as response:
                while (piece := await response.next_chunk()) is not None:
                    yield piece
        except HttpError as e:
            raise self._trouble(e) from None

    async def _send(self, method: str, path: str, query: Query | None, body: Any, timeouts: Timeouts) -> HttpResponse:
        given = {name: value for name, value in (query or {}).items() if value not in (None, "", [])}
        target = path + ("?" + urlencode(given, doseq=True) if given else "")
        sent = b"" if body is None else msgspec.json.encode(body)
        response = await self._client.send(HttpRequest(method, self._url, target, self._headers, sent), timeouts)
        if response.status >= 400:
            async with response:
                raise Trouble(_said(await response.read(MOST), response.status))
        return response

    def _trouble(self, error: HttpError) -> Trouble:
        if isinstance(error, NoConnection):
            return Trouble(
                f"there is no gateway at {self._url}: {error.message} `parley serve` starts one; --url names another."
            )
        return Trouble(f"{self._url} did not answer as it should: {error.message}")


def _said(body: bytes, status: int) -> str:
    """What an error page says."""
    try:
        error = msgspec.json.decode(body)["error"]
        return str(error["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"the gateway answered with status {status} and without a reason."

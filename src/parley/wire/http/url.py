"""An upstream's address: read once from text, then only looked at.

    http://host:port/prefix     https://host/prefix     unix:/path/to.sock     unix:/path/to.sock|/prefix

A query, a fragment, a user name, spaces, control characters, backslashes and names outside ASCII are refused: each has
been used to make one reader see another host than the next.
"""

import re
from dataclasses import dataclass
from typing import Final

from parley.wire.http.errors import RequestInvalid

_HOST: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_IPV6: Final = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\]")
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Url:
    """Where an upstream listens. `origin` is its name in the pool, `authority` what the Host header says."""

    scheme: str
    host: str
    port: int
    unix: str | None
    prefix: str
    origin: str
    authority: bytes

    @classmethod
    def parse(cls, text: str) -> "Url":
        """Reads one of the forms above. Raises RequestInvalid with a sentence that names the text."""
        if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
            raise _refused(text, "it holds a space, a control character, a backslash or a letter outside ASCII")
        if text.startswith("unix:"):
            return _unix(text)
        scheme, separator, rest = text.partition("://")
        scheme = scheme.lower()
        if not separator or scheme not in _PORTS:
            raise _refused(text, "it must start with http://, https:// or unix:/")
        return _tcp(text, scheme, rest)

    def __str__(self) -> str:
        if self.unix is not None:
            return self.origin + (f"|{self.prefix}" if self.prefix else "")
        return self.origin + self.prefix


def _tcp(text: str, scheme: str, rest: str) -> Url:
    for bad, what in (("@", "a user name"), ("#", "a fragment"), ("?", "a query")):
        if bad in rest:
            raise _refused(text, f"it holds {what} ({bad!r}), which an address can not have")
    authority, slash, path = rest.partition("/")
    host, port = _host_and_port(text, authority, _PORTS[scheme])
    name = f"[{host}]" if ":" in host else host
    if port != _PORTS[scheme]:
        name = f"{name}:{port}"
    return Url(scheme, host, port, None, _prefix(text, slash + path), f"{scheme}://{name}", name.encode())


def _host_and_port(text: str, authority: str, default: int) -> tuple[str, int]:
    if match := _IPV6.match(authority):
        host, rest = match[1].lower(), authority[match.end() :]
    else:
        host, colon, port = authority.partition(":")
        host, rest = host.lower(), colon + port
        if not _HOST.fullmatch(host) or ".." in host:
            raise _refused(text, "its host is not a name or an address (IPv6 goes in brackets)")
    if not rest:
        return host, default
    digits = rest[1:]
    if rest[0] != ":" or not digits.isdigit() or len(digits) > 5 or not 0 < int(digits) < 65536:
        raise _refused(text, "its port is not a number from 1 to 65535")
    return host, int(digits)


def _unix(text: str) -> Url:
    path, bar, prefix = text.removeprefix("unix:").partition("|")
    if not path.startswith("/") or path.endswith("/"):
        raise _refused(text, "the socket needs its whole path, as in unix:/run/engine.sock|/v1")
    if bar and not prefix.startswith("/"):
        raise _refused(text, "what stands after '|' must start with '/'")
    return Url("http", "localhost", 0, path, _prefix(text, prefix), f"unix:{path}", b"localhost")


def _prefix(text: str, path: str) -> str:
    if not _PREFIX.fullmatch(path):
        raise _refused(text, "its path holds a character that a path can not have")
    return path.rstrip("/")


def _refused(text: str, why: str) -> RequestInvalid:
    return RequestInvalid(f"The address {_masked(text)!r} can not be used: {why}.")


def _masked(text: str) -> str:
    """The text without what may be a password."""
    before, at, after = text.rpartition("@")
    return f"{before.partition('://')[0]}://***@{after}" if at else text

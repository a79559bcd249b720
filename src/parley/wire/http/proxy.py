"""Which requests go through a proxy, and how one is addressed."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import unquote

from parley.wire.http.addresses import is_loopback
from parley.wire.http.errors import RequestInvalid
from parley.wire.http.url import Url

_USER: Final = re.compile(r"(?P<scheme>https?://)(?P<user>[^@/]*)@(?P<rest>[^@]+)")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address and the header that opens it, which no repr shows."""

    url: Url
    authorization: bytes = field(default=b"", repr=False)

    @classmethod
    def parse(cls, text: str) -> "Proxy":
        """Reads `http://[user:password@]host:port`. Raises RequestInvalid."""
        text = text if "://" in text else f"http://{text}"
        authorization = b""
        if match := _USER.fullmatch(text):
            user = b64encode(unquote(match["user"]).encode())
            authorization = b"proxy-authorization: Basic %b\r\n" % user
            text = match["scheme"] + match["rest"]
        url = Url.parse(text)
        if url.scheme != "http" or url.unix is not None or url.prefix:
            raise RequestInvalid(f"The proxy {url} can not be used: it must be http://host:port.")
        return cls(url, authorization)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies for http and https, and the hosts that are asked directly. Loopback and unix sockets always are."""

    http: Proxy | None = None
    https: Proxy | None = None
    direct: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Proxies":
        """Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY; the names in small letters win. Raises RequestInvalid."""
        named = {name: environment.get(name) or environment.get(name.upper()) for name in _NAMES}
        http, https, direct = (named[name] for name in _NAMES)
        return cls(
            Proxy.parse(http) if http else None,
            Proxy.parse(https) if https else None,
            tuple(entry.strip().lower() for entry in (direct or "").split(",") if entry.strip()),
        )

    def for_url(self, url: Url) -> Proxy | None:
        """The proxy to ask for `url`; None: ask it directly."""
        proxy = self.https if url.scheme == "https" else self.http
        if proxy is None or url.unix is not None or is_loopback(url.host):
            return None
        return None if any(_covers(entry, url) for entry in self.direct) else proxy


_NAMES: Final = ("http_proxy", "https_proxy", "no_proxy")


def _covers(entry: str, url: Url) -> bool:
    """`*`, a name with its subdomains, an address, a network in CIDR notation; each perhaps with a port."""
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return ip_address(url.host) in ip_network(entry, strict=False)
        except ValueError:
            return False
    name, colon, port = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
    name = name.strip("[]").removeprefix("*").removeprefix(".")
    if colon and port != str(url.port):
        return False
    return url.host == name or url.host.endswith("." + name)

"""Which addresses a request may name as its own upstream: `server.custom_hosts`, read once and compared as plain text.

    api.example.com            this name, at its scheme's own port, where it resolves to public addresses
    api.example.com:8443       the same at this port
    10.1.2.3:8000              this address, private or not, for it was written down
    models.corp=10.1.0.0/16    a name that may resolve into this network

A host is compared as it is written, so another spelling of an allowed address (`2130706433`, `0x7f.1`, a trailing dot)
is another host, and is refused. Names are looked up once for each connection and the address that was looked at is the
one that is connected to (`wire/http/addresses.py`).
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from parley.wire.http import RequestInvalid, Url, Vet, is_public

Network = IPv4Network | IPv6Network
NONE = "this server takes no custom hosts; the operator can allow some in `server.custom_hosts`."
NUMBERS = re.compile(r"[0-9.]+|(0x[0-9a-f]*\.?)+|[0-9a-fx.]*0x[0-9a-f.]*")
"""What resolvers may take for an address although it is none as addresses are written."""


class CustomHosts:
    """The allowed hosts. Raises ValueError with a sentence for one that can not be read."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._vets: dict[tuple[str, int | None], Vet] = {}
        for entry in allowed:
            place, networks = _read(entry)
            self._vets[place] = _vet(networks)

    def refuse(self, address: str) -> str | None:
        """Why a request may not name this URL; `None`: it may."""
        if not self._vets:
            return NONE
        try:
            url = Url.parse(address)
        except RequestInvalid as error:
            return error.message
        if url.unix is not None:
            return "a unix socket is no host."
        return None if self._found(url) is not None else f"the host `{url.authority.decode()}` is not allowed here."

    def vet(self, url: Url) -> Vet:
        """Says which addresses of an allowed URL may be connected to; the same function each time."""
        found = self._found(url)
        assert found is not None, f"{url} is not allowed"
        return found

    def _found(self, url: Url) -> Vet | None:
        host = _canonical(url.host)
        own = {"http": 80, "https": 443}[url.scheme]
        found = self._vets.get((host, url.port))
        return self._vets.get((host, None)) if found is None and url.port == own else found


def _read(entry: str) -> tuple[tuple[str, int | None], tuple[Network, ...] | None]:
    """Host, port, and the networks it may lead to; `None`: public ones."""
    name, equals, given = entry.partition("=")
    try:
        url = Url.parse(f"http://{name}")
        networks = tuple(ip_network(part.strip()) for part in given.split(",")) if equals else None
    except (RequestInvalid, ValueError) as error:
        why = error.message if isinstance(error, RequestInvalid) else str(error)
        raise ValueError(f"{entry!r} is not a host: {why}") from None
    if url.prefix:
        raise ValueError(f"{entry!r} is not a host: leave its path out.")
    host = _canonical(url.host)
    literal = _literal(host)
    if literal is None and NUMBERS.fullmatch(host):
        raise ValueError(f"{entry!r} is not a host: write an address as 10.1.2.3, with all its parts.")
    if literal is not None and networks is None:
        networks = (literal,)
    port = url.port if url.authority.endswith(b":%d" % url.port) or name.endswith(":80") else None
    return (host, port), networks


def _canonical(host: str) -> str:
    """The one spelling of an address; of a name, what was written."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host


def _literal(host: str) -> Network | None:
    try:
        return ip_network(ip_address(host))
    except ValueError:
        return None


def _vet(networks: tuple[Network, ...] | None) -> Vet:
    if networks is None:
        return is_public

    def vet(address: str) -> bool:
        """Whether the address lies in one of the networks."""
        found = ip_address(address.partition("%")[0])
        return any(found.version == network.version and found in network for network in networks)

    return vet

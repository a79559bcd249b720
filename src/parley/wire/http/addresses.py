"""Finds the addresses of a host, once for each connection, and says which of them are public.

The address that was looked at is the one that is connected to, so a name can not point elsewhere a moment later.
"""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from parley.wire.http.errors import AddressRefused, ConnectFailed

Vet = Callable[[str], bool]

_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether `address` (an IP, as text) is one of the open internet; an IPv4 inside an IPv6 is looked into.

    False for private, loopback, link-local, shared, multicast and reserved addresses, and for what is no address.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (inner := _inside(ip)) is not None:
        ip = inner
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine: `localhost` or a loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def resolve(host: str, port: int, vet: Vet | None) -> list[str]:
    """The addresses of `host` that `vet` allows, IPv6 and IPv4 in turn.

    Raises ConnectFailed if there are none, AddressRefused if none is allowed.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ConnectFailed(f"The host {host!r} has no address: {error.strerror or error}.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if vet is not None:
        addresses = [address for address in addresses if vet(address)]
        if not addresses:
            raise AddressRefused(f"The host {host!r} has no address that may be asked here.")
    return _in_turn(addresses)


def _inside(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo's client, NAT64."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


def _in_turn(addresses: list[str]) -> list[str]:
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in first]
    mixed: list[str] = []
    while first or other:
        mixed += first[:1] + other[:1]
        first, other = first[1:], other[1:]
    return mixed

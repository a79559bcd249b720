"""Upstreams that a request brings along: a key of its own, or an address of its own; kept for the next such request."""

from collections import OrderedDict
from collections.abc import Callable, Mapping

from parley.core.errors import BadRequest
from parley.providers.caller import Upstream
from parley.providers.provider import Provider
from parley.wire.http import HttpClient, Url, Vet

MOST = 512
"""Guests kept at once; the one that was not used for longest goes first."""

Make = Callable[[str, Url | None, str | None], Provider | None]
"""The provider of this name at another address (then without the headers that the operator set) and with this key.

`None` where it can not be had without credentials of the server's own.
"""


class Guests:
    """At a provider's own address a guest shares its connections; at one of the request's own, it has others."""

    def __init__(self, make: Make, own: Mapping[str, Upstream], abroad: HttpClient, vet: Callable[[Url], Vet]) -> None:
        """`vet` gives the check of the addresses that an allowed host may lead to."""
        self._make = make
        self._own = own
        self._abroad = abroad
        self._vet = vet
        self._kept: OrderedDict[tuple[str, str | None, str | None], Upstream] = OrderedDict()

    def upstream(self, provider: str, host: str | None, key: str | None) -> Upstream:
        """The provider's dialect at `host` (an allowed URL; None: its own address) with `key`, and no other key there.

        Raises BadRequest where this provider is not asked so.
        """
        name = (provider, host, key)
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = self._new(provider, host, key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return found

    def _new(self, provider: str, host: str | None, key: str | None) -> Upstream:
        url = Url.parse(host) if host is not None else None
        made = self._make(provider, url, key)
        if made is None:
            raise BadRequest(
                f"The provider `{provider}` can not be asked with a key or at a host of the request's own.",
                param="x-portkey-config",
                code="invalid_config",
            )
        if url is None:
            return self._own[provider].speaking(made)
        return Upstream(made, self._abroad, self._vet(url))

"""The registry of applications and intents: what each settles, in memory, and one dict look-up on the hot path."""

import logging
from collections.abc import Callable, Iterable

from parley.accounts.config import IntentConfig, read_config
from parley.accounts.defaults import Defaults, apply_defaults, fill_in, merge
from parley.accounts.ports import ConfigStore
from parley.core.errors import BadRequest
from parley.core.holdings import Settled

__all__ = ["Registry", "apply_defaults", "fill_in", "nobody"]

log = logging.getLogger(__name__)

MOST = 20_000
"""Pairs of application and intent remembered at once; clients may invent any number of names."""


def nobody(application: str, intent: str) -> None:
    """Takes no note of a first use."""


class Registry:
    """What requests of an application and intent leave out, merged: intent, then application, then server."""

    def __init__(
        self,
        store: ConfigStore,
        server: IntentConfig | None = None,
        first_use: Callable[[str, str], None] = nobody,
    ) -> None:
        """`first_use` is told of each pair that this worker meets for the first time; it must not wait."""
        self._store = store
        self._server = server or IntentConfig()
        self._first_use = first_use
        self._settled: dict[tuple[str, str | None], Settled] = {}
        self._merged: dict[tuple[str, str], Defaults] = {}
        self._noted: set[tuple[str, str | None]] = set()

    def defaults(self, application: str, intent: str) -> Defaults:
        """The defaults of this pair; names that nobody configured have the server's."""
        found = self._merged.get((application, intent))
        return found if found is not None else self._meet(application, intent)

    def replace(self, settled: Iterable[Settled]) -> None:
        """Holds these current configurations and no others; each is read and merged when a request needs it."""
        self._settled = {(s.application, s.intent): s for s in settled}
        self._noted = set()  # what was deleted is noted again when it is used again
        self._merged = {}

    def intents(self) -> dict[str, list[str]]:
        """Every application that settles something, with its intents that do."""
        found: dict[str, list[str]] = {}
        for application, intent in sorted(self._settled, key=lambda place: (place[0], place[1] or "")):
            found.setdefault(application, [])
            if intent is not None:
                found[application].append(intent)
        return found

    async def refresh(self) -> None:
        """Reads the current configurations again."""
        self.replace(await self._store.all_current())

    def _meet(self, application: str, intent: str) -> Defaults:
        if len(self._merged) >= MOST:
            self._merged.clear()
            self._noted.clear()
        pair = (application, intent)
        if pair not in self._noted and pair not in self._settled:
            self._noted.add(pair)
            self._first_use(application, intent)
        found = self._merged[pair] = self._merge(application, intent)
        return found

    def _merge(self, application: str, intent: str) -> Defaults:
        own = (self._settled.get((application, intent)), self._settled.get((application, None)))
        return merge([*(_readable(settled) for settled in own if settled is not None), self._server])


def _readable(settled: Settled) -> IntentConfig:
    """The configuration; one that this version of Parley does not understand (a newer one wrote it) settles nothing."""
    try:
        return read_config(settled.config)
    except BadRequest as e:
        log.warning("a configuration in the store is not understood and left out: %s", e.message)
        return IntentConfig()

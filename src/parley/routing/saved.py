"""The desk of saved configs: reads, checks, changes and restores them; what `parley.toml` says stands beside them."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from parley.core.asks import Json
from parley.core.errors import BadRequest, Conflict, NotFound
from parley.core.holdings import NamedConfig, Page
from parley.routing.mistakes import Mistake
from parley.routing.plan import leaves
from parley.routing.portkey_config import read_config
from parley.routing.router import Router

FILE = "file"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class ConfigStore(Protocol):
    """Named configs at rest."""

    async def put(
        self, name: str, config: Mapping[str, Any], author: str, at: float, expect: int | None = None
    ) -> NamedConfig:
        """A new version. Raises Conflict where the current version is not `expect`."""

    async def all_current(self) -> list[NamedConfig]:
        """The version that counts of every name."""

    async def version(self, name: str, n: int) -> NamedConfig | None:
        """One version."""

    async def versions(self, name: str, limit: int, after: str | None = None) -> Page[NamedConfig]:
        """Every version, newest first."""

    async def delete(self, name: str) -> bool:
        """Removes one; whether it was there."""


class SavedConfigs:
    """What the management API may do with configs; a change counts in this worker at once."""

    def __init__(
        self,
        store: ConfigStore,
        router: Router,
        file: Mapping[str, Json],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`file` holds the routes of `parley.toml`, which only the file changes."""
        self._store = store
        self._router = router
        self._file = dict(file)
        self._clock = clock
        self._current: dict[str, NamedConfig] = {}

    async def refresh(self) -> None:
        """Reads every current config again."""
        self._current = {one.name: one for one in await self._store.all_current() if one.name not in self._file}
        self._router.replace({**{name: one.config for name, one in self._current.items()}, **self._file})

    def all(self) -> list[NamedConfig]:
        """Every config by name; those of the file are version 0."""
        from_file = [
            NamedConfig(name=name, version=0, created=0.0, author=FILE, config=config)
            for name, config in self._file.items()
        ]
        return sorted([*from_file, *self._current.values()], key=lambda one: one.name)

    def current(self, name: str) -> NamedConfig:
        """One config. Raises NotFound."""
        for one in self.all():
            if one.name == name:
                return one
        raise NotFound(f"There is no saved config `{name}`.")

    async def put(self, name: str, config: Json, author: str, expect: int | None) -> NamedConfig:
        """Saves a new version. Raises BadRequest that names each mistake's place, and Conflict."""
        self._owned(name)
        if not NAME.fullmatch(name):
            raise BadRequest("A config's name is letters, digits, dots, dashes and underscores.", param="name")
        if name in self._router.catalog.entries:
            raise Conflict(f"There is a model named `{name}`: requests could not tell them apart.")
        self._check(name, config)
        kept = await self._store.put(name, config, author, self._clock(), expect)
        await self.refresh()
        return kept

    async def delete(self, name: str) -> None:
        """Forgets a config. Raises NotFound, and Conflict where another one refers to it."""
        self._owned(name)
        self.current(name)
        left = {key: one for key, one in self._router.saved.items() if key != name}
        for other in left:
            if self._router.mistakes(other, left) and not self._router.mistakes(other, self._router.saved):
                raise Conflict(f"The config `{other}` refers to `{name}`: change that one first.")
        await self._store.delete(name)
        await self.refresh()

    async def version(self, name: str, n: int) -> NamedConfig:
        """One version. Raises NotFound."""
        found = await self._store.version(name, n)
        if found is None:
            raise NotFound(f"There is no version {n} of the config `{name}`.")
        return found

    async def versions(self, name: str, limit: int, after: str | None) -> Page[NamedConfig]:
        """Every version, newest first. Raises NotFound."""
        self.current(name)
        return await self._store.versions(name, limit, after)

    async def restore(self, name: str, n: int, author: str) -> NamedConfig:
        """Saves what version `n` said, as a new version. Raises NotFound, and what `put` raises."""
        old = await self.version(name, n)
        return await self.put(name, old.config, author, None)

    def _owned(self, name: str) -> None:
        if name in self._file:
            raise Conflict(f"The route `{name}` stands in parley.toml: change it there.")

    def _check(self, name: str, config: Json) -> None:
        saved = {**self._router.saved, name: config}
        found = self._router.mistakes(name, saved)
        if not found:
            plan = read_config(name, self._router.known(saved))
            keyed = [leaf.path for leaf in leaves(plan) if leaf.api_key] if not isinstance(plan, list) else []
            found = [Mistake(f"{path}.api_key", "a key is set under [providers], not saved here.") for path in keyed]
        if found:
            raise BadRequest(
                " ".join(str(one) for one in found[:8]), param=found[0].place or "config", code="invalid_config"
            )

"""The configuration desk: reads, changes and restores what applications and intents settle, version by version."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from parley.accounts.applications import Registry
from parley.accounts.config import plain, read_config
from parley.accounts.ports import ConfigStore, Expectations, anything
from parley.core.errors import NotFound
from parley.core.holdings import Named, Page, Settled


class ConfigDesk:
    """What the management API may do with configurations; a change counts in this worker at once."""

    def __init__(
        self,
        store: ConfigStore,
        registry: Registry,
        clock: Callable[[], float] = time.time,
        expect: Expectations = anything,
    ) -> None:
        """`expect` checks the sentinels of a configuration before it is settled."""
        self._store = store
        self._expect = expect
        self._registry = registry
        self._clock = clock

    async def page(self, limit: int, after: str | None) -> Page[Named]:
        """Applications by name, at most `limit`."""
        while True:
            page = await self._store.page(limit, after)
            found = [named for named in page.data if named.intent is None]
            if found or page.next is None:
                return Page(found, page.next)
            after = page.next

    async def intents(self, application: str) -> list[Named]:
        """The intents of an application by name. Raises NotFound."""
        await self.current(application, None)
        return await self._store.intents(application)

    async def current(self, application: str, intent: str | None) -> Settled:
        """The version that counts; version 0 where a request named it and nobody configured it. Raises NotFound."""
        found = await self._store.current(application, intent)
        if found is not None:
            return found
        met = [one for one in await self._store.intents(application) if intent in (None, one.intent)]
        if not met:
            raise NotFound(f"There is no such thing as {called(application, intent)}; its first request makes it.")
        created = min(one.created for one in met)
        return Settled(
            application=application, intent=intent, version=0, created=created, author="first request", config={}
        )

    async def delete(self, application: str, intent: str | None) -> None:
        """Forgets it with every version; the next request that names it makes it anew. Raises NotFound."""
        await self.current(application, intent)
        await self._store.delete(application, intent)
        await self._registry.refresh()

    async def put(
        self, application: str, intent: str | None, config: Mapping[str, Any], author: str, expect: int | None
    ) -> Settled:
        """Settles `config` as a new version. Raises BadRequest, and Conflict where `expect` is not current."""
        checked = read_config(config)
        self._expect(checked.sentinels or [], checked.judge)
        settled = await self._store.settle(application, intent, plain(checked), author, self._clock(), expect)
        await self._registry.refresh()
        return settled

    async def patch(
        self, application: str, intent: str | None, changes: Mapping[str, Any], author: str, expect: int | None
    ) -> Settled:
        """Settles the current configuration with `changes` merged in (RFC 7396: null removes).

        Raises NotFound, and what `put` raises.
        """
        current = await self.current(application, intent)
        merged = merge_patch(current.config, changes)
        return await self.put(application, intent, merged, author, current.version if expect is None else expect)

    async def restore(self, application: str, intent: str | None, version: int, author: str) -> Settled:
        """Settles what `version` said, as a new version. Raises NotFound."""
        old = await self.version(application, intent, version)
        return await self.put(application, intent, old.config, author, None)

    async def version(self, application: str, intent: str | None, version: int) -> Settled:
        """One version. Raises NotFound."""
        found = await self._store.version(application, intent, version)
        if found is None:
            raise NotFound(f"There is no version {version} of {called(application, intent)}.")
        return found

    async def versions(self, application: str, intent: str | None, limit: int, after: str | None) -> Page[Settled]:
        """Every version, newest first. Raises NotFound."""
        await self.current(application, intent)
        return await self._store.versions(application, intent, limit, after)


def merge_patch(target: Any, changes: Any) -> Any:
    """`target` with a JSON merge patch applied (RFC 7396, 2014-10)."""
    if not isinstance(changes, Mapping):
        return changes
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def called(application: str, intent: str | None) -> str:
    """How a sentence names it."""
    return f"the application {application}" if intent is None else f"the intent {intent} of {application}"

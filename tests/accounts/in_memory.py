"""Ports of the accounts room that keep everything in memory, for tests that need no database."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from parley.core.errors import Conflict
from parley.core.holdings import Key, Named, Page, Settled


class KeysInMemory:
    """Keys in a dict."""

    def __init__(self) -> None:
        self.held: dict[str, Key] = {}

    async def add(self, key: Key) -> None:
        self.held[key.id] = key

    async def get(self, id: str) -> Key | None:
        return self.held.get(id)

    async def get_by_hash(self, hash: str) -> Key | None:
        return next((key for key in self.held.values() if key.hash == hash), None)

    async def page(self, limit: int, after: str | None = None) -> Page[Key]:
        return Page(list(reversed(self.held.values()))[:limit], None)

    async def revoke(self, id: str, at: float) -> Key | None:
        key = self.held.get(id)
        if key is None:
            return None
        if key.revoked_at is None:
            key = self.held[id] = structs.replace(key, revoked_at=at)
        return key

    async def active(self) -> list[Key]:
        return [key for key in self.held.values() if key.revoked_at is None]


class ConfigsInMemory:
    """Versions in lists, oldest first; `away` makes every call fail."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str | None], list[Settled]] = {}
        self.names: dict[tuple[str, str | None], float] = {}
        self.touched: list[tuple[str, str | None]] = []
        self.away = False

    async def touch(self, application: str, intent: str | None, at: float) -> None:
        if self.away:
            raise OSError("the store is away")
        self.touched.append((application, intent))
        for place in ((application, None), (application, intent)):
            self.names.setdefault(place, at)

    async def settle(
        self,
        application: str,
        intent: str | None,
        config: Mapping[str, Any],
        author: str,
        at: float,
        expect: int | None = None,
    ) -> Settled:
        versions = self.held.setdefault((application, intent), [])
        if expect is not None and expect != len(versions):
            raise Conflict("It was changed in between.")
        settled = Settled(
            application=application,
            intent=intent,
            version=len(versions) + 1,
            created=at,
            author=author,
            config=dict(config),
        )
        versions.append(settled)
        for place in ((application, None), (application, intent)):
            self.names.setdefault(place, at)
        return settled

    async def current(self, application: str, intent: str | None) -> Settled | None:
        versions = self.held.get((application, intent))
        return versions[-1] if versions else None

    async def page(self, limit: int, after: str | None = None) -> Page[Named]:
        names = sorted((Named(application=a, intent=i, created=at) for (a, i), at in self.names.items()), key=_place)
        start = int(after or 0)
        more = len(names) > start + limit
        return Page(names[start : start + limit], str(start + limit) if more else None)

    async def intents(self, application: str) -> list[Named]:
        return [
            Named(application=a, intent=i, created=at) for (a, i), at in self.names.items() if a == application and i
        ]

    async def delete(self, application: str, intent: str | None) -> bool:
        gone = [p for p in self.names if p[0] == application and (intent is None or p[1] == intent)]
        for place in gone:
            del self.names[place]
            self.held.pop(place, None)
        return bool(gone)

    async def all_current(self) -> list[Settled]:
        return [versions[-1] for versions in self.held.values() if versions]

    async def version(self, application: str, intent: str | None, n: int) -> Settled | None:
        versions = self.held.get((application, intent), [])
        return versions[n - 1] if 1 <= n <= len(versions) else None

    async def versions(
        self, application: str, intent: str | None, limit: int = 50, after: str | None = None
    ) -> Page[Settled]:
        newest = list(reversed(self.held.get((application, intent), [])))
        start = int(after or 0)
        rest = newest[start + limit :]
        return Page(newest[start : start + limit], str(start + limit) if rest else None)


def _place(named: Named) -> tuple[str, str]:
    return named.application, named.intent or ""


class RevisionsInMemory:
    """Counters; `away` makes reading fail."""

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self.away = False

    async def read(self) -> dict[str, int]:
        if self.away:
            raise OSError("the store is away")
        return dict(self.counters)

    def bump(self, name: str) -> None:
        self.counters[name] = self.counters.get(name, 0) + 1

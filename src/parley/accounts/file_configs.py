"""What `parley.toml` settles for applications and intents, taken over at start.

A table that differs from what the file said last time becomes a new version; an unchanged one does not, so an edit by
the API survives a restart. A table that is gone takes its own last word back, unless somebody changed it since.
"""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from parley.accounts.config import plain, read_config
from parley.accounts.ports import ConfigStore, Expectations, anything
from parley.core.errors import BadRequest, Conflict
from parley.core.holdings import Settled

AUTHOR = "file"
Place = tuple[str, str | None]


async def take_over(
    store: ConfigStore, said: Mapping[Place, Mapping[str, Any]], now: float | None = None
) -> list[Settled]:
    """Settles what is new in the file and answers the new versions. Raises BadRequest where one is wrong."""
    at = time.time() if now is None else now
    wanted = {place: plain(read_config(config)) for place, config in said.items()}
    current = {(s.application, s.intent): s for s in await store.all_current()}
    gone: dict[Place, dict[str, Any]] = {
        place: {} for place, s in current.items() if place not in wanted and s.author == AUTHOR and s.config
    }
    changed: list[Settled] = []
    for (application, intent), config in {**wanted, **gone}.items():
        if await _last_said(store, application, intent) == config:
            continue
        now_current = current.get((application, intent))
        try:
            expect = now_current.version if now_current else 0
            changed.append(await store.settle(application, intent, config, AUTHOR, at, expect))
        except Conflict:
            continue  # another worker reads the same file and was faster
    return changed


async def _last_said(store: ConfigStore, application: str, intent: str | None) -> dict[str, Any] | None:
    after: str | None = None
    while True:
        page = await store.versions(application, intent, 100, after)
        for settled in page.data:
            if settled.author == AUTHOR:
                return settled.config
        if page.next is None:
            return None
        after = page.next


class Said(Protocol):
    """An application as the file has it."""

    @property
    def defaults(self) -> Mapping[str, Any]:
        """What the application settles."""

    @property
    def intents(self) -> Mapping[str, Mapping[str, Any]]:
        """What each intent settles, by name."""


def said_by(applications: Mapping[str, Said]) -> dict[Place, Mapping[str, Any]]:
    """Every configuration in the file's applications, by its place."""
    found: dict[Place, Mapping[str, Any]] = {}
    for name, application in applications.items():
        if application.defaults:
            found[(name, None)] = application.defaults
        found |= {(name, intent): config for intent, config in application.intents.items()}
    return found


def mistakes(said: Mapping[Place, Mapping[str, Any]], expect: Expectations = anything) -> list[str]:
    """What is wrong in them, one sentence with its place each; `expect` checks sentinels."""
    found = []
    for (application, intent), config in said.items():
        table = f"applications.{application}" + (".defaults" if intent is None else f".intents.{intent}")
        try:
            checked = read_config(config)
            expect(checked.sentinels or [], checked.judge)
        except BadRequest as e:
            found.append(f"[{table}]: {e.message}")
    return found

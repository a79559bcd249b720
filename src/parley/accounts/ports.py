"""What the accounts need of the store, as protocols; `compose/` gives the real one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from parley.core.allowances import Account, Allowance, Draw, Drawn
from parley.core.holdings import Key, Named, Page, Settled


class KeyStore(Protocol):
    """Keys at rest: hashes, never secrets."""

    async def add(self, key: Key) -> None:
        """Keeps a new key."""

    async def get(self, id: str) -> Key | None:
        """The key with this id, revoked or not."""

    async def get_by_hash(self, hash: str) -> Key | None:
        """The key whose secret has this SHA-256 (hex), revoked or not."""

    async def page(self, limit: int, after: str | None = None) -> Page[Key]:
        """Keys, newest first; `after` is the `next` of the page before."""

    async def revoke(self, id: str, at: float) -> Key | None:
        """Ends a key at `at` (epoch seconds); None where there is no such key."""

    async def allow(self, id: str, allowance: Allowance | None) -> Key | None:
        """Changes what a key may use; None where there is no such key."""

    async def active(self) -> list[Key]:
        """Every key that is not revoked."""


class ConfigStore(Protocol):
    """Applications, intents and every version of their configuration."""

    async def touch(self, application: str, intent: str | None, at: float) -> None:
        """Notes that they exist; does nothing where they do."""

    async def settle(
        self,
        application: str,
        intent: str | None,
        config: Mapping[str, Any],
        author: str,
        at: float,
        expect: int | None = None,
    ) -> Settled:
        """A new version. Raises core's Conflict where the current version is not `expect`."""

    async def current(self, application: str, intent: str | None) -> Settled | None:
        """The version that counts, or None where there is none."""

    async def page(self, limit: int, after: str | None = None) -> Page[Named]:
        """Applications and intents by name."""

    async def intents(self, application: str) -> list[Named]:
        """The intents of an application by name."""

    async def delete(self, application: str, intent: str | None) -> bool:
        """Forgets an intent, or an application with its intents, and every version; False where there is none."""

    async def all_current(self) -> list[Settled]:
        """The version that counts of every application and intent."""

    async def version(self, application: str, intent: str | None, n: int) -> Settled | None:
        """One version."""

    async def versions(
        self, application: str, intent: str | None, limit: int = 50, after: str | None = None
    ) -> Page[Settled]:
        """Every version, newest first."""


class Expectations(Protocol):
    """Whoever knows what an application may expect of its answers."""

    def __call__(self, sentinels: Sequence[Mapping[str, Any]], judge: str | None) -> None:
        """Raises core's BadRequest, naming the key, where sentinels or their judge can not be."""


def anything(sentinels: Sequence[Mapping[str, Any]], judge: str | None) -> None:
    """Whatever is expected is taken."""


class Revisions(Protocol):
    """Counters that rise with every change, so that other processes notice it."""

    async def read(self) -> dict[str, int]:
        """Every counter by name; one cheap query."""


class Spending(Protocol):
    """What was taken from budgets, and what workers hold of them."""

    async def draw(self, wish: Draw) -> Drawn:
        """Notes what the worker holds and spent, and grants what it needs, or more, if so much is free."""

    async def spent(self, budgets: list[tuple[str, float]]) -> list[float]:
        """What was taken from each budget (its name, the beginning of its period)."""

    async def release(self, worker: str) -> None:
        """Forgets what a worker holds."""

    async def purge(self, before: float) -> None:
        """Forgets minutes that began, and holds that ended, before this time."""


class AccountStore(Protocol):
    """Accounts at rest."""

    async def all(self) -> list[Account]:
        """Every account, by id."""

    async def get(self, id: str) -> Account | None:
        """One account."""

    async def put(self, account: Account) -> None:
        """Keeps an account as it is now."""

    async def note(self, ids: Iterable[str], at: float) -> None:
        """Makes accounts that are not there yet, without an allowance."""

    async def delete(self, id: str) -> bool:
        """Forgets an account; False where there is none."""

    async def page(self, limit: int, after: str | None = None) -> Page[Account]:
        """Accounts by id."""

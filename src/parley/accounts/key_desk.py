"""The key desk: makes, lists and revokes keys, and lets this worker's keyring know at once."""

import time
from collections.abc import Callable, Iterable

from msgspec import structs

from parley.accounts.allowing import check_allowance
from parley.accounts.keys import SCOPES, Keyring, make_key
from parley.accounts.ports import KeyStore
from parley.core.allowances import Allowance
from parley.core.errors import BadRequest, Conflict, NotFound
from parley.core.holdings import Key, Page

ADMIN_ROW = "key_admin_"


def nobody(keys: Iterable[Key]) -> None:
    """Nobody else wants to know the keys."""


class KeyDesk:
    """What the management API may do with keys."""

    def __init__(
        self,
        store: KeyStore,
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
        tell: Callable[[Iterable[Key]], None] = nobody,
    ) -> None:
        """`tell` is given the keys whenever they were read again."""
        self._tell = tell
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def refresh(self) -> None:
        """Reads the keys again. Rows of other gateways' admin keys open nothing here."""
        keys = await self._store.active()
        self._keyring.replace(key for key in keys if not key.id.startswith(ADMIN_ROW))
        self._tell(keys)

    async def create(
        self,
        name: str,
        *,
        scopes: tuple[str, ...],
        account: str,
        expires_at: float | None = None,
        allowance: Allowance | None = None,
    ) -> tuple[str, Key]:
        """A new secret (shown this once) and its key, good in this worker at once. Raises BadRequest."""
        if not scopes or not set(scopes) <= set(SCOPES):
            raise BadRequest(f"A key has one or both of the scopes {' and '.join(SCOPES)}.", param="scopes")
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise BadRequest("A key can not expire in the past.", param="expires_at")
        if allowance == Allowance():
            allowance = None
        secret, key = make_key(name, scopes=scopes, account=account, now=now, expires_at=expires_at)
        key = structs.replace(key, allowance=None if allowance is None else check_allowance(allowance))
        await self._store.add(key)
        await self.refresh()
        return secret, key

    async def get(self, id: str) -> Key:
        """One key. Raises NotFound."""
        key = await self._store.get(id)
        if key is None:
            raise _no_such(id)
        return key

    async def page(self, limit: int, after: str | None) -> Page[Key]:
        """Keys, newest first, revoked ones included."""
        return await self._store.page(limit, after)

    async def revoke(self, id: str) -> Key:
        """Ends a key; ending it twice changes nothing. Raises NotFound, and Conflict for this gateway's admin key."""
        if id in self._keyring.standing:
            raise Conflict(
                "The admin key can not be revoked by a call: change PARLEY_ADMIN_KEY, or delete admin.key in the data "
                "directory, and start Parley again."
            )
        key = await self._store.revoke(id, self._clock())
        if key is None:
            raise _no_such(id)
        await self.refresh()
        return key


def _no_such(id: str) -> NotFound:
    return NotFound(f"There is no key with the id {id}.")

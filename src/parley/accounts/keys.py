"""Keys: how one is made, and the keyring that tells in memory whose it is.

A secret is 256 random bits, so its SHA-256 is all that is kept and one plain hash is enough: there is nothing to guess.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from msgspec import Struct

from parley.core.call import Caller
from parley.core.errors import Unauthenticated
from parley.core.holdings import Key

PREFIX = "pk_"
SCOPES = ("inference", "admin")
SHOWN = len(PREFIX) + 6
UNKNOWN = "This API key is not known here, or it was revoked. `parley keys list` shows the keys."


def make_key(
    name: str, *, scopes: Iterable[str], account: str, now: float, expires_at: float | None = None
) -> tuple[str, Key]:
    """A fresh secret and what is kept of it; times are epoch seconds."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key = Key(
        id="key_" + secrets.token_hex(12),
        name=name,
        hash=hash_of(secret),
        prefix=secret[:SHOWN],
        scopes=tuple(sorted(set(scopes))),
        account=account,
        created=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    return secret, key


def hash_of(secret: str) -> str:
    """The hex SHA-256 under which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class _Held(Struct, frozen=True):
    digest: bytes
    caller: Caller
    expires_at: float | None


class Keyring:
    """Every key that opens the door, by the first half of its digest; the other half is compared in constant time."""

    def __init__(self, standing: Iterable[Key] = (), clock: Callable[[], float] = time.time) -> None:
        """`standing` keys are always held, whatever the store says: the admin key of this gateway."""
        self._standing = tuple(standing)
        self._clock = clock
        self._held: dict[bytes, _Held] = {}
        self.replace(())

    @property
    def standing(self) -> frozenset[str]:
        """Ids of the keys that the store can not revoke."""
        return frozenset(key.id for key in self._standing)

    def replace(self, keys: Iterable[Key]) -> None:
        """Holds these keys and the standing ones, and no others."""
        self._held = {entry.digest[:16]: entry for entry in map(_entry, (*keys, *self._standing))}

    def find(self, secret: bytes) -> Caller:
        """Whose secret this is. Raises Unauthenticated; the message never holds the secret."""
        digest = hashlib.sha256(secret).digest()
        entry = self._held.get(digest[:16])
        if entry is None or not hmac.compare_digest(entry.digest, digest):
            raise Unauthenticated(UNKNOWN)
        if entry.expires_at is not None and entry.expires_at <= self._clock():
            day = datetime.fromtimestamp(entry.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
            raise Unauthenticated(
                f"This API key expired at {day}. Ask the operator for a new one.", code="expired_api_key"
            )
        return entry.caller


def _entry(key: Key) -> _Held:
    caller = Caller(key_id=key.id, account=key.account, scopes=frozenset(key.scopes), name=key.name)
    return _Held(bytes.fromhex(key.hash), caller, key.expires_at)

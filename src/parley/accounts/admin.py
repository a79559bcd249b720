"""The admin key: given by the environment, or made at the first start and kept in `<data>/admin.key`.

It stands above the store: the keyring holds it as long as the gateway runs with it, and no call can revoke it. The
store keeps its hash as a row, so that lists and records can name it.
"""

import os
import secrets
import stat
import tempfile
import time
from pathlib import Path

from msgspec import Struct

from parley.accounts.keys import PREFIX, SCOPES, SHOWN, hash_of
from parley.accounts.ports import KeyStore
from parley.core.errors import Conflict
from parley.core.holdings import Key

FILE = "admin.key"
SHORTEST = 16


class AdminKeyError(Exception):
    """The admin key can not be read, kept or used; the message is one sentence for the operator."""


class AdminKey(Struct, frozen=True, kw_only=True):
    """The admin key of this gateway; `made` says that it is new and has to be shown this once."""

    secret: str
    key: Key
    made: bool
    source: str

    def __repr__(self) -> str:
        return f"AdminKey({self.key.id}, from {self.source})"


def admin_key(given: str | None, data: Path, now: float | None = None) -> AdminKey:
    """The key from PARLEY_ADMIN_KEY (`given`), from the data directory, or a new one. Raises AdminKeyError."""
    if given and given.strip():
        return _admin(given.strip(), made=False, source="PARLEY_ADMIN_KEY", now=now)
    file = data / FILE
    try:
        made = not file.exists() and _make(file)
        secret = file.read_text(encoding="utf8").strip()
        _narrow(file)
    except (OSError, UnicodeDecodeError) as e:
        reason = e.strerror if isinstance(e, OSError) else "it is not text"
        raise AdminKeyError(f"The admin key in {file} can not be read or written: {reason}.") from None
    return _admin(secret, made=made, source=str(file), now=now)


async def keep_admin_key(store: KeyStore, admin: AdminKey) -> None:
    """Writes the admin key's row (its hash) where there is none yet."""
    if await store.get_by_hash(admin.key.hash) is None:
        try:
            await store.add(admin.key)
        except Conflict:
            pass  # another worker, or another gateway with this key, was faster


def _admin(secret: str, *, made: bool, source: str, now: float | None) -> AdminKey:
    if len(secret) < SHORTEST:
        raise AdminKeyError(f"The admin key from {source} is shorter than {SHORTEST} characters; use a longer one.")
    hash = hash_of(secret)
    key = Key(
        id=f"key_admin_{hash[:12]}",
        name="admin",
        hash=hash,
        prefix=secret[:SHOWN] if secret.startswith(PREFIX) else "",
        scopes=SCOPES,
        account="default",
        created=time.time() if now is None else now,
        expires_at=None,
        revoked_at=None,
    )
    return AdminKey(secret=secret, key=key, made=made, source=source)


def _make(file: Path) -> bool:
    """Writes a new key whole or not at all; False where another process was faster."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".admin-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf8") as out:
            out.write(PREFIX + "admin_" + secrets.token_urlsafe(32) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        Path(draft).unlink(missing_ok=True)
    return True


def _narrow(file: Path) -> None:
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        file.chmod(0o600)

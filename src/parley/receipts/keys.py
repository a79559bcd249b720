"""The two keys that sign receipts: made at the first use, kept in the data directory, for this user's eyes alone."""

import os
import secrets
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from parley.receipts.secp256k1 import ORDER
from parley.receipts.signatures import ethereum_address, raw_public, sign_ecdsa, sign_ed25519
from parley.receipts.text import Signed

FOLDER = "receipts"
SIZE = 32


class SigningKeys:
    """One key for each way to sign."""

    def __init__(self, ecdsa: bytes, ed: bytes) -> None:
        """The 32 secret bytes of each."""
        self._ecdsa = ec.derive_private_key(int.from_bytes(ecdsa, "big"), ec.SECP256K1())
        self._ed25519 = ed25519.Ed25519PrivateKey.from_private_bytes(ed)
        self.addresses = {"ecdsa": ethereum_address(self._ecdsa), "ed25519": raw_public(self._ed25519).hex()}

    def __repr__(self) -> str:
        return f"SigningKeys({self.addresses})"

    def sign(self, text: str, algorithm: str) -> Signed:
        """The text, signed; `algorithm` is one of `text.ALGORITHMS`. Takes up to 30 ms."""
        return sign_ecdsa(text, self._ecdsa) if algorithm == "ecdsa" else sign_ed25519(text, self._ed25519)

    def seal(self, data: bytes) -> bytes:
        """Ed25519 over bytes of any kind."""
        return self._ed25519.sign(data)

    def public(self, algorithm: str) -> bytes:
        """The public key: 64 bytes of a point, or 32 of Ed25519."""
        if algorithm == "ed25519":
            return raw_public(self._ed25519)
        point = self._ecdsa.public_key().public_numbers()
        return point.x.to_bytes(SIZE, "big") + point.y.to_bytes(SIZE, "big")


def signing_keys(data: Path) -> SigningKeys:
    """The keys kept under `data`; new ones where there are none. Raises OSError where they can not be kept."""
    return SigningKeys(_kept(data / FOLDER / "ecdsa.key"), _kept(data / FOLDER / "ed25519.key"))


def _kept(file: Path) -> bytes:
    if not file.exists():
        _make(file)
    file.chmod(0o600)
    secret = bytes.fromhex(file.read_text(encoding="ascii").strip())
    if len(secret) != SIZE or not 0 < int.from_bytes(secret, "big") < ORDER:
        raise OSError(f"{file} holds no signing key: 64 hex digits are wanted. Remove it to have a new one made.")
    return secret


def _make(file: Path) -> None:
    """Writes a new key whole or not at all; of several workers that start together, the first one's counts."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".key-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write((1 + secrets.randbelow(ORDER - 1)).to_bytes(SIZE, "big").hex() + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink(missing_ok=True)

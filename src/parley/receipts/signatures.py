"""Signs and checks the text of a receipt, in the two ways of RedPill's clients (nearai/vllm-proxy, read 2026-08).

text       hex of the SHA-256 of the request's body, ":", hex of that of the answer's body
ecdsa      secp256k1 over keccak256("\\x19Ethereum Signed Message:\\n" + length + text) (EIP-191); `0x` and hex of
           r, s and v (27 or 28); the address is Ethereum's, with the capital letters of EIP-55
ed25519    over the text itself; hex of 64 bytes; the address is the hex of the public key
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from parley.receipts.keccak import keccak256
from parley.receipts.secp256k1 import ORDER, recovered
from parley.receipts.text import ALGORITHMS, Signed


def sign_ecdsa(text: str, key: ec.EllipticCurvePrivateKey) -> Signed:
    """The text with an Ethereum signature. Takes some 20 ms."""
    digest = personal_digest(text)
    der = key.sign(digest, ec.ECDSA(utils.Prehashed(SHA256()), deterministic_signing=True))
    r, s = utils.decode_dss_signature(der)
    s = min(s, ORDER - s)  # EIP-2: of the two that are valid, the lower
    mine = key.public_key().public_numbers()
    odd = recovered(digest, r, s, True) == (mine.x, mine.y)
    signature = "0x" + r.to_bytes(32, "big").hex() + s.to_bytes(32, "big").hex() + f"{27 + odd:02x}"
    return Signed(text=text, signature=signature, signing_address=ethereum_address(key), signing_algo="ecdsa")


def sign_ed25519(text: str, key: ed25519.Ed25519PrivateKey) -> Signed:
    """The text with an Ed25519 signature."""
    signature = key.sign(text.encode()).hex()
    return Signed(text=text, signature=signature, signing_address=raw_public(key).hex(), signing_algo="ed25519")


def check(signed: Signed) -> None:
    """Raises ValueError, with what is wrong, unless the signature is that of its address over its text."""
    if signed.signing_algo == "ed25519":
        _check_ed25519(signed)
    elif signed.signing_algo == "ecdsa":
        found = signer(signed.text, signed.signature)
        if found.lower() != signed.signing_address.lower():
            raise ValueError(f"the signature is by {found}, not by {signed.signing_address}")
    else:
        raise ValueError(f"`signing_algo` is {signed.signing_algo}, not one of {', '.join(ALGORITHMS)}")


def signer(text: str, signature: str) -> str:
    """The Ethereum address that signed `text`. Raises ValueError for what is no signature."""
    raw = bytes.fromhex(signature.removeprefix("0x"))
    if len(raw) != 65 or raw[64] not in (0, 1, 27, 28):
        raise ValueError("an ecdsa signature has 65 bytes, the last of them 27 or 28")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big")
    return address_of(recovered(personal_digest(text), r, s, raw[64] in (1, 28)))


def personal_digest(text: str) -> bytes:
    """What an Ethereum wallet signs for a text (EIP-191, version 0x45)."""
    data = text.encode()
    return keccak256(b"\x19Ethereum Signed Message:\n%d%b" % (len(data), data))


def ethereum_address(key: ec.EllipticCurvePrivateKey) -> str:
    """The address of a key."""
    public = key.public_key().public_numbers()
    return address_of((public.x, public.y))


def address_of(point: tuple[int, int]) -> str:
    """The address of a public key, with the checksum in its capital letters (EIP-55)."""
    plain = keccak256(point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big"))[12:].hex()
    sums = keccak256(plain.encode()).hex()
    return "0x" + "".join(letter.upper() if int(sums[n], 16) > 7 else letter for n, letter in enumerate(plain))


def raw_public(key: ed25519.Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _check_ed25519(signed: Signed) -> None:
    try:
        public = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.signing_address))
        public.verify(bytes.fromhex(signed.signature), signed.text.encode())
    except InvalidSignature:
        raise ValueError("the signature does not fit the text and the address") from None

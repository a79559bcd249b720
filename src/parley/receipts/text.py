"""The text of a receipt, and what is answered of its signature."""

from msgspec import Struct

ALGORITHMS = ("ecdsa", "ed25519")


class Signed(Struct, frozen=True, kw_only=True):
    """A receipt's text with one signature, as `/v1/signature/{id}` answers it."""

    text: str
    signature: str
    signing_address: str
    signing_algo: str


def receipt_text(request_hash: bytes, response_hash: bytes) -> str:
    """What is signed: the SHA-256 of the request's body and that of the answer's, in hex, with a colon between."""
    return f"{request_hash.hex()}:{response_hash.hex()}"

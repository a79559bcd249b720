"""Signatures of receipts, held against published values and against each other."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from parley.receipts.keccak import RATE, keccak256
from parley.receipts.signatures import (
    address_of,
    check,
    ethereum_address,
    raw_public,
    sign_ecdsa,
    sign_ed25519,
    signer,
)
from parley.receipts.text import receipt_text

REQUEST = bytes.fromhex("bcf152411970b14faab35a76d559b4188b78c24ced0048d0edcd320bf47bff0a")
RESPONSE = bytes.fromhex("2e704942816901eaf435945fd01d76346e5dd283d5f8a2391e525e8f9a9ef36e")
SIGNATURE = (
    "9277f6a8a65e155c57c6738abdfd13d324d38e834b80c4dc6df5a45c6e7ec105"
    "05299edffb36ed0639529b8d96488238019e8fe240369a9344993809845cf2151c"
)
ADDRESS = "0x50F9b35e94DFa4805A8c69C50Ba13841a06c1216"


def test_the_published_receipt_is_by_its_published_address() -> None:
    assert signer(receipt_text(REQUEST, RESPONSE), SIGNATURE) == ADDRESS


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (b"testing", "5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02"),
    ],
)
def test_keccak_of_known_texts(data: bytes, digest: str) -> None:
    assert keccak256(data).hex() == digest


def test_every_length_around_a_block_has_a_digest_of_its_own() -> None:
    assert len({keccak256(b"a" * size) for size in range(2 * RATE + 2)}) == 2 * RATE + 2


def test_the_address_of_the_first_private_key() -> None:
    # the key 1, whose public key is the curve's base point: the address every Ethereum textbook has
    assert ethereum_address(ec.derive_private_key(1, ec.SECP256K1())) == "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"


def test_the_letters_of_eip_55() -> None:
    key = ec.derive_private_key(0x4646464646464646464646464646464646464646464646464646464646464646, ec.SECP256K1())
    assert ethereum_address(key) == "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"  # the example of EIP-155


@settings(max_examples=10, deadline=None)
@given(secret=st.integers(1, 2**255), text=st.text(max_size=200))
def test_what_was_signed_is_good_and_nothing_else(secret: int, text: str) -> None:
    key = ec.derive_private_key(secret, ec.SECP256K1())
    for signed in (sign_ecdsa(text, key), sign_ed25519(text, ed25519.Ed25519PrivateKey.generate())):
        check(signed)
        with pytest.raises(ValueError):
            check(structs.replace(signed, text=text + "."))
        with pytest.raises(ValueError):
            check(structs.replace(signed, signing_algo="rsa"))
    public = key.public_key().public_numbers()
    assert sign_ecdsa(text, key).signing_address == address_of((public.x, public.y))


@pytest.mark.parametrize("signature", ["", "0x", "zz", "00" * 65, "ff" * 64 + "1b", SIGNATURE[:-2] + "05"])
def test_what_is_no_signature_is_a_value_error(signature: str) -> None:
    with pytest.raises(ValueError):
        signer("text", signature)


def test_the_seed_of_twos_has_its_published_public_key() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
    assert raw_public(key).hex() == "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394"

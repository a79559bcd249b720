"""The keys that sign: made once, kept for their owner, refused where they are broken."""

from pathlib import Path

import pytest

from parley.receipts.attestation import NoTrustedEnvironment, quote, read_nonce, report_data
from parley.receipts.keys import SigningKeys, signing_keys
from parley.receipts.signatures import check


def test_keys_are_made_once(tmp_path: Path) -> None:
    first, again = signing_keys(tmp_path), signing_keys(tmp_path)
    assert first.addresses == again.addresses
    for algorithm in ("ecdsa", "ed25519"):
        signed = again.sign("text", algorithm)
        assert signed.signing_address == first.addresses[algorithm]
        check(signed)
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "receipts").iterdir()} == {0o600}


def test_secrets_do_not_show() -> None:
    secret = b"\x07" * 32
    assert secret.hex() not in repr(SigningKeys(secret, secret))


@pytest.mark.parametrize("text", ["00" * 32, "07" * 31, "ff" * 32])
def test_a_file_that_holds_no_key_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    signing_keys(tmp_path)
    (tmp_path / "receipts" / "ecdsa.key").write_text(text)
    with pytest.raises(OSError, match=r"ecdsa\.key"):
        signing_keys(tmp_path)


def test_public_keys_have_their_published_sizes() -> None:
    keys = SigningKeys(b"\x07" * 32, b"\x02" * 32)
    assert (len(keys.public("ecdsa")), len(keys.public("ed25519"))) == (64, 32)


def test_a_quote_is_about_the_address_and_the_nonce() -> None:
    nonce = bytes(range(32))
    assert report_data("0x" + "ab" * 20, nonce) == b"\xab" * 20 + bytes(12) + nonce
    assert report_data("cd" * 32, nonce) == b"\xcd" * 32 + nonce
    assert read_nonce(nonce.hex()) == nonce
    assert len(read_nonce(None)) == 32 and read_nonce(None) != read_nonce(None)


def test_where_no_quote_can_be_had_nothing_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(NoTrustedEnvironment, match="no trusted execution environment"):
        quote(bytes(64), tmp_path / "nothing")
    with pytest.raises(NoTrustedEnvironment, match="gave none"):
        quote(bytes(64), tmp_path)  # a folder, but none of the kernel's

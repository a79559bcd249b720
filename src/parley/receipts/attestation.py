"""Attestation: a quote by the machine that this very key works inside a trusted environment, where there is one.

Linux gives quotes through configfs-tsm (Documentation/ABI/testing/configfs-tsm-report, kernel 6.7): a folder is made,
64 bytes are written to `inblob`, the quote is read from `outblob`. The 64 bytes bind the signing address (20 bytes of
Ethereum's or 32 of Ed25519's, zeros behind it) and the asker's nonce, as RedPill's clients expect it.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from parley.core.errors import BadRequest, HouseError

REPORTS = Path("/sys/kernel/config/tsm/report")
NONCE = 32


class NoTrustedEnvironment(HouseError):
    """Nothing here can attest anything."""

    status = 501
    type = "not_implemented"
    code = "no_trusted_environment"


def read_nonce(text: str | None) -> bytes:
    """The asker's nonce; a fresh one where there is none. Raises BadRequest."""
    if not text:
        return secrets.token_bytes(NONCE)
    try:
        nonce = bytes.fromhex(text)
    except ValueError:
        raise BadRequest("Nonce must be hex-encoded", param="nonce", code="invalid_value") from None
    if len(nonce) != NONCE:
        raise BadRequest("Nonce must be 32 bytes", param="nonce", code="invalid_value")
    return nonce


def report_data(address: str, nonce: bytes) -> bytes:
    """The 64 bytes that a quote is about."""
    return bytes.fromhex(address.removeprefix("0x")).ljust(NONCE, b"\0") + nonce


def quote(data: bytes, reports: Path = REPORTS) -> tuple[str, bytes]:
    """Who quotes (`tdx_guest`, `sev_guest`) and the quote over these 64 bytes. Raises NoTrustedEnvironment."""
    if not reports.is_dir():
        raise NoTrustedEnvironment(
            "This gateway runs in no trusted execution environment: its machine offers no attestation reports "
            "(configfs-tsm). Its signatures prove which key answered which bytes, not where that key is kept."
        )
    folder = reports / f"parley-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        folder.mkdir()
        try:
            (folder / "inblob").write_bytes(data)
            return (folder / "provider").read_text().strip(), (folder / "outblob").read_bytes()
        finally:
            folder.rmdir()
    except OSError as error:
        raise NoTrustedEnvironment(
            f"This machine offers attestation reports, but gave none to Parley: {error.strerror or error}."
        ) from None


def report(address: str, algorithm: str, public: bytes, nonce: bytes, reports: Path = REPORTS) -> dict[str, Any]:
    """The report in the shape of RedPill's; there is no GPU's evidence in it, and what Parley can not know is null.

    Raises NoTrustedEnvironment. May take a second, as the processor signs.
    """
    provider, blob = quote(report_data(address, nonce), reports)
    found: dict[str, Any] = {
        "signing_address": address,
        "signing_algo": algorithm,
        "signing_public_key": public.hex(),
        "request_nonce": nonce.hex(),
        "provider": provider,
        "quote": blob.hex(),
        "intel_quote": blob.hex() if provider == "tdx_guest" else None,
        "nvidia_payload": None,
        "event_log": [],
        "info": {},
    }
    return {**found, "all_attestations": [found]}

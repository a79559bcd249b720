"""Tokens for a Google service account: a signed assertion (JWT, RS256) exchanged at the account's token address.

developers.google.com/identity/protocols/oauth2/service-account and RFC 7523, read 2026-11.
"""

import base64
from time import time
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import DecodeError, Struct

from parley.core.errors import UpstreamUnreachable
from parley.providers.provider import Send
from parley.wire.http import HttpRequest, RequestInvalid, Url

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

LIFE = 3600
"""Seconds that an assertion asks for; Google's most."""

FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)


class _File(Struct, frozen=True):
    client_email: str
    private_key: str
    type: str = ""
    private_key_id: str | None = None
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


class _Token(Struct, frozen=True):
    access_token: str
    expires_in: float = LIFE


class _Refusal(Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class ServiceAccount:
    """An account that can sign; its repr shows no more than its name."""

    def __init__(self, email: str, key: RSAPrivateKey, key_id: str | None, token_uri: str, token_url: Url) -> None:
        self.email = email
        self.token_url = token_url
        self._key = key
        self._key_id = key_id
        self._token_uri = token_uri

    def __repr__(self) -> str:
        return f"ServiceAccount({self.email})"

    def assertion(self, now: int) -> str:
        """The signed claim that this account asks for a token `now` (seconds since 1970)."""
        head = {"alg": "RS256", "typ": "JWT", **({"kid": self._key_id} if self._key_id else {})}
        claims = {"iss": self.email, "scope": SCOPE, "aud": self._token_uri, "iat": now, "exp": now + LIFE}
        told = b".".join([_base64(msgspec.json.encode(part)) for part in (head, claims)])
        return (told + b"." + _base64(self._key.sign(told, PKCS1v15(), SHA256()))).decode()


def read_key(text: str) -> ServiceAccount:
    """The account of a key file's text. Raises ValueError with a sentence that shows nothing of the key."""
    try:
        file = msgspec.json.decode(text, type=_File)
        key = load_pem_private_key(file.private_key.encode(), password=None)
        url = Url.parse(file.token_uri)
    except (DecodeError, ValueError, TypeError, RequestInvalid):
        raise ValueError("the key file is not that of a service account (client_email, private_key, ...).") from None
    if file.type != "service_account" or not isinstance(key, RSAPrivateKey):
        raise ValueError("the key file must be that of a service account, with an RSA key.")
    return ServiceAccount(file.client_email, key, file.private_key_id, file.token_uri, url)


async def fetch_token(account: ServiceAccount, send: Send) -> tuple[str, float]:
    """A fresh token, and until when (seconds since 1970) it is good. Raises UpstreamUnreachable."""
    now = time()
    form = urlencode({"grant_type": GRANT, "assertion": account.assertion(int(now))}).encode()
    status, body = await send(HttpRequest("POST", account.token_url, "", FORM, form))
    try:
        token = msgspec.json.decode(body, type=_Token) if status == 200 else None
    except (DecodeError, UnicodeDecodeError):
        token = None
    if token is None:
        raise UpstreamUnreachable(f"Google gave no token to {account.email} (status {status}{_why(body)}).")
    return token.access_token, now + token.expires_in


def _why(body: bytes) -> str:
    try:
        refusal = msgspec.json.decode(body, type=_Refusal)
    except (DecodeError, UnicodeDecodeError):
        return ""
    said = ": ".join([word for word in (refusal.error, refusal.error_description) if word]).rstrip(".")
    return f", {said[:200]}" if said else ""


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")

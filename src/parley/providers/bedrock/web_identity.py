"""AWS credentials for a web identity token: the file's token is exchanged for a role's session at STS.

docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, read 2026-11. The call needs no
signature; its answer is XML, of which four elements are read.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from parley.core.errors import UpstreamUnreachable
from parley.providers.bedrock.signature import Credentials
from parley.providers.bedrock.source import Lease
from parley.providers.provider import Send
from parley.wire.http import HttpRequest, Url

FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)

ELEMENTS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


class WebIdentity:
    """A role that a token file stands for."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    async def fetch(self, send: Send) -> Lease:
        """A session of the role. Raises UpstreamUnreachable where the variables, the file or the right are missing."""
        file, role = self._env.get("AWS_WEB_IDENTITY_TOKEN_FILE"), self._env.get("AWS_ROLE_ARN")
        if not file or not role:
            raise UpstreamUnreachable("AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are not set.")
        try:
            token = await asyncio.to_thread(Path(file).read_text, encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UpstreamUnreachable(f"The file {file} can not be read ({type(error).__name__}).") from None
        asked = {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": role,
            "RoleSessionName": self._env.get("AWS_ROLE_SESSION_NAME") or "parley",
            "WebIdentityToken": token.strip(),
        }
        status, body = await send(HttpRequest("POST", self._endpoint(), "/", FORM, urlencode(asked).encode()))
        return _lease(status, body.decode("utf-8", "replace"))

    def _endpoint(self) -> Url:
        region = self._env.get("AWS_REGION") or self._env.get("AWS_DEFAULT_REGION")
        return Url.parse(
            self._env.get("AWS_ENDPOINT_URL_STS")
            or (f"https://sts.{region}.amazonaws.com" if region else "https://sts.amazonaws.com")
        )


def _lease(status: int, text: str) -> Lease:
    found = [re.search(f"<{name}>([^<]+)</{name}>", text) for name in ELEMENTS]
    told = [unescape(element[1]).strip() for element in found if element is not None]
    if status != 200 or len(told) != len(ELEMENTS):
        code = re.search(r"<Code>([^<]{1,100})</Code>", text)
        why = f", {code[1]}" if code else ""
        raise UpstreamUnreachable(f"STS gave no AWS credentials for the web identity (status {status}{why}).")
    access_key, secret_key, token, expiration = told
    try:
        ends_at = datetime.fromisoformat(expiration).timestamp()
    except ValueError:
        raise UpstreamUnreachable("STS gave AWS credentials whose end can not be read.") from None
    return Credentials(access_key, secret_key, token), ends_at

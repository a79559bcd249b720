"""AWS credentials of a container (ECS, EKS Pod Identity), from the address that the environment names.

docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html, read 2026-11.
"""

import asyncio
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from parley.core.errors import UpstreamUnreachable
from parley.providers.bedrock.source import Lease, read_lease
from parley.providers.provider import Send
from parley.wire.http import HttpRequest, Url

RELATIVE_TO = "http://169.254.170.2"

HOSTS = frozenset({"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"})
"""Hosts that may be asked without TLS, besides loopback addresses."""


class Container:
    """The container's own endpoint."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    async def fetch(self, send: Send) -> Lease:
        """Raises UpstreamUnreachable where the environment names no endpoint, or one that must not be asked."""
        url, target = self._address()
        headers = []
        if token := await asyncio.to_thread(self._token):
            headers.append((b"authorization", token.encode()))
        status, body = await send(HttpRequest("GET", url, target, headers))
        return read_lease("The container's credentials endpoint", status, body)

    def _address(self) -> tuple[Url, str]:
        relative = self._env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        full = RELATIVE_TO + relative if relative else self._env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if not full:
            raise UpstreamUnreachable(
                "This is no container with AWS credentials: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set."
            )
        scheme, _, rest = full.partition("://")
        authority, slash, path = rest.partition("/")
        url = Url.parse(f"{scheme}://{authority}")
        if url.scheme != "https" and url.host not in HOSTS and not _is_loopback(url.host):
            raise UpstreamUnreachable(f"AWS_CONTAINER_CREDENTIALS_FULL_URI may not name `{url.host}` without https.")
        return url, slash + path

    def _token(self) -> str | None:
        if file := self._env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UpstreamUnreachable(f"The file {file} can not be read ({type(error).__name__}).") from None
        return self._env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

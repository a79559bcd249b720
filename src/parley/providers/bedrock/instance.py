"""AWS credentials of an EC2 instance's role, from its metadata service with a session token (IMDSv2, never v1).

docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, read 2026-11.
"""

from collections.abc import Mapping
from urllib.parse import quote

from parley.core.errors import UpstreamUnreachable
from parley.providers.bedrock.source import Lease, read_lease
from parley.providers.provider import Send
from parley.wire.http import HttpRequest, Url

ENDPOINT = "http://169.254.169.254"

TOKEN = "/latest/api/token"  # noqa: S105 - a path

ROLES = "/latest/meta-data/iam/security-credentials/"

SESSION = ((b"x-aws-ec2-metadata-token-ttl-seconds", b"300"),)

WHO = "The instance's metadata service"


class Instance:
    """The metadata service."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._url = Url.parse(env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or ENDPOINT)

    async def fetch(self, send: Send) -> Lease:
        """The credentials of the role. Raises UpstreamUnreachable where the instance has none."""
        token = await self._ask(send, HttpRequest("PUT", self._url, TOKEN, SESSION))
        session = ((b"x-aws-ec2-metadata-token", token.strip()),)
        roles = await self._ask(send, HttpRequest("GET", self._url, ROLES, session))
        role = roles.decode("utf-8", "replace").split("\n")[0].strip()
        status, body = await send(HttpRequest("GET", self._url, ROLES + quote(role, safe=""), session))
        return read_lease(WHO, status, body)

    async def _ask(self, send: Send, request: HttpRequest) -> bytes:
        status, body = await send(request)
        if status != 200 or not body.strip():
            raise UpstreamUnreachable(f"{WHO} gave no AWS credentials (status {status} for {request.target}).")
        return body

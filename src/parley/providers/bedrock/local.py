"""AWS credentials that are at hand: given, in the environment, or in the shared files.

docs.aws.amazon.com/sdkref/latest/guide/file-format.html, read 2026-11. Profiles that assume a role, use single sign-on
or run a command are not followed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as ConfigError
from math import inf
from pathlib import Path
from time import time

from parley.core.errors import UpstreamUnreachable
from parley.providers.bedrock.signature import Credentials
from parley.providers.bedrock.source import Lease, Source
from parley.providers.provider import Send

REREAD = 300.0
"""Seconds after which the files are read again: other tools renew what stands in them."""


class Static:
    """Credentials that were given."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def fetch(self, send: Send) -> Lease:
        """They never end."""
        return self._credentials, inf


class Environment:
    """The variables."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    async def fetch(self, send: Send) -> Lease:
        """They never end. Raises UpstreamUnreachable if they are not set."""
        access_key, secret_key = self._env.get("AWS_ACCESS_KEY_ID"), self._env.get("AWS_SECRET_ACCESS_KEY")
        if not access_key or not secret_key:
            raise UpstreamUnreachable("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set.")
        return Credentials(access_key, secret_key, self._env.get("AWS_SESSION_TOKEN") or None), inf


class Profile:
    """A profile of the shared files; of an empty name: AWS_PROFILE, else `default`."""

    def __init__(self, env: Mapping[str, str], name: str) -> None:
        home = Path(env.get("HOME") or "~").expanduser()
        self._name = name or env.get("AWS_PROFILE") or "default"
        self._files = (
            Path(env.get("AWS_CONFIG_FILE") or home / ".aws" / "config"),
            Path(env.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials"),
        )

    async def fetch(self, send: Send) -> Lease:
        """Read again after a while. Raises UpstreamUnreachable if the profile has no key of its own."""
        said = await asyncio.to_thread(self.read)
        if "aws_access_key_id" not in said or "aws_secret_access_key" not in said:
            files = " and ".join(str(file) for file in self._files)
            raise UpstreamUnreachable(f"The AWS profile `{self._name}` has no access key in {files}.")
        credentials = Credentials(
            said["aws_access_key_id"], said["aws_secret_access_key"], said.get("aws_session_token") or None
        )
        return credentials, time() + REREAD

    def read(self) -> dict[str, str]:
        """What both files say of the profile; the credentials file wins. Raises UpstreamUnreachable."""
        said: dict[str, str] = {}
        for file in self._files:
            parser = ConfigParser(interpolation=None, default_section="")
            try:
                parser.read(file, encoding="utf-8")
            except (ConfigError, OSError, UnicodeDecodeError) as error:
                raise UpstreamUnreachable(f"The file {file} can not be read ({type(error).__name__}).") from None
            for section in (f"profile {self._name}", self._name):
                if parser.has_section(section):
                    said.update(parser[section])
        return said


class FirstOf:
    """Several sources in turn."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    async def fetch(self, send: Send) -> Lease:
        """From the first source that has some. Raises UpstreamUnreachable with what each one said."""
        said = []
        for source in self._sources:
            try:
                return await source.fetch(send)
            except UpstreamUnreachable as error:
                said.append(error.message)
        raise UpstreamUnreachable(f"There are no AWS credentials. {' '.join(said)}")

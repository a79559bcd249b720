"""The book of prompts: reads, changes and fills them in; what is published is in memory."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from parley.core.asks import Json
from parley.core.errors import BadRequest, NotFound
from parley.core.holdings import Prompt
from parley.prompts.template import fill

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LATEST = "latest"
ASKED = ("model", "tools", "tool_choice", "functions", "function_call", "response_format")
"""What a prompt says beside its text and parameters, and a request under the same name."""


class PromptStore(Protocol):
    """Prompts at rest."""

    async def add(self, slug: str, name: str, content: dict[str, Any], author: str, at: float) -> Prompt:
        """A new version; the first one is published."""

    async def publish(self, slug: str, version: int) -> bool:
        """Lets a version be the one that is asked; whether it is there."""

    async def all_published(self) -> list[Prompt]:
        """The published version of every slug."""

    async def versions(self, slug: str) -> list[Prompt]:
        """Every version, newest first."""

    async def delete(self, slug: str) -> bool:
        """Removes one; whether it was there."""


class PromptBook:
    """Every prompt; a change counts in this worker at once."""

    def __init__(self, store: PromptStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._published: dict[str, Prompt] = {}

    async def refresh(self) -> None:
        """Reads what is published again."""
        self._published = {one.slug: one for one in await self._store.all_published()}

    def all(self) -> list[Prompt]:
        """What is published, by slug."""
        return [self._published[slug] for slug in sorted(self._published)]

    def published(self, slug: str) -> Prompt:
        """The version that is asked. Raises NotFound."""
        found = self._published.get(slug)
        if found is None:
            raise NotFound(f"There is no prompt `{slug}`.", code="prompt_not_found")
        return found

    async def versions(self, slug: str) -> list[Prompt]:
        """Every version, newest first. Raises NotFound."""
        self.published(slug)
        return await self._store.versions(slug)

    async def version(self, slug: str, n: int) -> Prompt:
        """One version. Raises NotFound."""
        for one in await self.versions(slug):
            if one.version == n:
                return one
        raise NotFound(f"There is no version {n} of the prompt `{slug}`.", code="prompt_not_found")

    async def add(self, slug: str, name: str, content: Mapping[str, Any], author: str) -> Prompt:
        """A new version. Raises BadRequest for what can not be asked."""
        if not SLUG.fullmatch(slug):
            raise BadRequest("A prompt's slug is letters, digits, dots, dashes and underscores.", param="slug")
        _messages(content)
        if not isinstance(content.get("parameters") or {}, dict):
            raise BadRequest("`parameters` must be an object.", param="parameters")
        made = await self._store.add(slug, name, dict(content), author, self._clock())
        await self.refresh()
        return made

    async def publish(self, slug: str, n: int) -> None:
        """Lets version `n` be the one that is asked. Raises NotFound."""
        await self.version(slug, n)
        await self._store.publish(slug, n)
        await self.refresh()

    async def delete(self, slug: str) -> None:
        """Forgets a prompt with every version. Raises NotFound."""
        self.published(slug)
        await self._store.delete(slug)
        await self.refresh()

    def filled(self, slug: str, variables: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
        """The request of the union surface that a prompt amounts to; what is `given` wins. Raises NotFound."""
        content = self.published(slug).content
        said = {name: content[name] for name in ASKED if content.get(name) is not None}
        parameters = {name: value for name, value in (content.get("parameters") or {}).items() if value is not None}
        kept = {name: value for name, value in given.items() if value is not None}
        return {**parameters, **said, "messages": fill(_messages(content), variables), **kept}


def _messages(content: Mapping[str, Any]) -> list[Json]:
    """A prompt's messages: its `string` is a list of them as JSON, or the text of one. Raises BadRequest."""
    string = content.get("string")
    if isinstance(string, str) and string.strip():
        try:
            read = msgspec.json.decode(string)
        except msgspec.DecodeError:
            read = None
        if not isinstance(read, list):
            return [{"role": "user", "content": string}]
        string = read
    if isinstance(string, list) and string and all(isinstance(one, dict) and "role" in one for one in string):
        return string
    raise BadRequest("`string` must be a text, or a list of messages with role and content.", param="string")

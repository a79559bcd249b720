"""The clients: OpenAI's, pointed at Parley."""

from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypedDict, Unpack

from openai import AsyncOpenAI, OpenAI, Timeout

from parley_client.asks import Ask, send
from parley_client.background import LoopThread, Tasks, in_thread
from parley_client.chat import AsyncChat, Chat
from parley_client.management import Nouns
from parley_client.service import Options, Service, address, key

NOTHING: Mapping[str, Any] = MappingProxyType({})


class ClientOptions(TypedDict, total=False):
    """OpenAI's options; `http_client` is one of the HTTP library that openai uses."""

    timeout: float | Timeout | None
    max_retries: int
    default_headers: Mapping[str, str] | None
    default_query: Mapping[str, object] | None
    http_client: Any


class Parley(OpenAI, Nouns[OpenAI]):
    """OpenAI's client, pointed at Parley, with what Parley does beside it.

    `api_key` and `base_url` are Parley's (PARLEY_API_KEY, PARLEY_BASE_URL). `provider_api_key`, `provider_base_url` and
    `provider_name` are for calls with `server_side_inference=False` (OPENAI_API_KEY, OPENAI_BASE_URL); `outbox` is the
    folder where their records wait while Parley is away. `grace`: seconds that closing waits for callbacks.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        provider_api_key: str | None = None,
        provider_base_url: str | None = None,
        provider_name: str | None = None,
        outbox: str | Path | None = None,
        grace: float = 5.0,
        _service: Service[LoopThread] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(api_key=key(api_key), base_url=address(base_url), **options)
        place = Path(outbox) if outbox is not None else None
        own = Options(provider_api_key, provider_base_url, provider_name, place, grace)
        self._service = _service or Service(LoopThread(grace), self._reach, own, str(self.base_url), self.api_key)

    @cached_property
    def chat(self) -> Chat:
        """Conversations."""
        return Chat(self, self._service, lambda: self._provider_client)

    @cached_property
    def _provider_client(self) -> OpenAI:
        own = self._service.options
        return OpenAI(
            api_key=own.provider_api_key,
            base_url=own.provider_base_url,
            timeout=self.timeout,
            max_retries=self.max_retries,
        )

    @property
    def undelivered(self) -> list[str]:
        """The ids of answers had without Parley that it does not have yet; they are on disk."""
        return self._service.delivery.waiting

    async def _reach(self, ask: Ask[Any]) -> Any:
        return await in_thread(partial(send, self, ask))

    def copy(self, *, _extra_kwargs: Mapping[str, Any] = NOTHING, **options: Any) -> Self:
        """A client with other options that shares this one's connections and callbacks."""
        return super().copy(_extra_kwargs={**own_kwargs(self._service, options), **_extra_kwargs}, **options)

    with_options = copy

    def close(self) -> None:
        """Waits for callbacks that are still out, `grace` seconds at most, and closes the connections."""
        self._service.background.close()
        if "_provider_client" in self.__dict__:
            self._provider_client.close()
        super().close()


class AsyncParley(AsyncOpenAI, Nouns[AsyncOpenAI]):
    """As `Parley`, for asyncio."""

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        provider_api_key: str | None = None,
        provider_base_url: str | None = None,
        provider_name: str | None = None,
        outbox: str | Path | None = None,
        grace: float = 5.0,
        _service: Service[Tasks] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(api_key=key(api_key), base_url=address(base_url), **options)
        place = Path(outbox) if outbox is not None else None
        own = Options(provider_api_key, provider_base_url, provider_name, place, grace)
        self._service = _service or Service(Tasks(), self._reach, own, str(self.base_url), self.api_key)

    @cached_property
    def chat(self) -> AsyncChat:
        """Conversations."""
        return AsyncChat(self, self._service, lambda: self._provider_client)

    @cached_property
    def _provider_client(self) -> AsyncOpenAI:
        own = self._service.options
        return AsyncOpenAI(
            api_key=own.provider_api_key,
            base_url=own.provider_base_url,
            timeout=self.timeout,
            max_retries=self.max_retries,
        )

    @property
    def undelivered(self) -> list[str]:
        """The ids of answers had without Parley that it does not have yet; they are on disk."""
        return self._service.delivery.waiting

    async def _reach(self, ask: Ask[Any]) -> Any:
        return await send(self, ask)

    def copy(self, *, _extra_kwargs: Mapping[str, Any] = NOTHING, **options: Any) -> Self:
        """A client with other options that shares this one's connections and callbacks."""
        return super().copy(_extra_kwargs={**own_kwargs(self._service, options), **_extra_kwargs}, **options)

    with_options = copy

    async def close(self) -> None:
        """Waits for callbacks that are still out, `grace` seconds at most, and closes the connections."""
        await self._service.background.drain(self._service.options.grace)
        if "_provider_client" in self.__dict__:
            await self._provider_client.close()
        await super().close()


def own_kwargs(service: Service[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """What a copy is made with beside OpenAI's options; one that goes elsewhere has a service of its own."""
    if options.get("base_url") or options.get("api_key"):
        own = service.options
        return {name: getattr(own, name) for name in own.__dataclass_fields__}
    return {"_service": service}

"""`client.chat.completions`: OpenAI's, with Parley's parameters, typed results and callbacks."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, Unpack, overload

from openai import AsyncOpenAI, OpenAI, OpenAIError
from openai.resources.chat import AsyncChat as OpenAIAsyncChat
from openai.resources.chat import Chat as OpenAIChat
from openai.resources.chat.completions import AsyncCompletions as OpenAIAsyncCompletions
from openai.resources.chat.completions import Completions as OpenAICompletions
from openai.types.chat import ChatCompletion

from parley_client.asked import Asked, read
from parley_client.asks import send
from parley_client.direct import arguments
from parley_client.params import CreateParams
from parley_client.portal import settled_for
from parley_client.results import Completion
from parley_client.service import Began, Service
from parley_client.streams import AsyncChunkStream, ChunkStream


def typed(post: Callable[..., Any], stream: type[Any]) -> Callable[..., Any]:
    """openai's `post` whose chat completions are of Parley's types."""

    def send_typed(path: str, *, cast_to: type[Any], stream_cls: type[Any] | None = None, **more: Any) -> Any:
        if cast_to is ChatCompletion:
            cast_to, stream_cls = Completion, stream_cls and stream
        return post(path, cast_to=cast_to, stream_cls=stream_cls, **more)

    return send_typed


class TypedCompletions(OpenAICompletions):
    """OpenAI's own, with Parley's types."""

    def __init__(self, client: OpenAI) -> None:
        super().__init__(client)
        self._post = typed(client.post, ChunkStream)


class Completions(TypedCompletions):
    """`create` takes `CreateParams`; what is not given comes from the intent, the application or the server."""

    def __init__(self, client: OpenAI, service: Service[Any], provider: Callable[[], OpenAI]) -> None:
        super().__init__(client)
        self._service = service
        self._provider = provider

    @overload  # type: ignore[override]  # OpenAI's also takes an Omit for each
    def create(self, *, stream: Literal[True], **params: Unpack[CreateParams]) -> ChunkStream: ...
    @overload
    def create(self, *, stream: Literal[False] | None = None, **params: Unpack[CreateParams]) -> Completion: ...
    @overload
    def create(self, *, stream: bool | None, **params: Unpack[CreateParams]) -> Completion | ChunkStream: ...
    def create(self, *, stream: bool | None = None, **params: Unpack[CreateParams]) -> Completion | ChunkStream:
        """Asks Parley, or with `server_side_inference=False` the provider itself.

        Raises ValueError for parameters that contradict each other, and openai's errors.
        """
        asked = read(stream, params)
        if asked.direct:
            return self._ask_provider(asked)
        answer: Completion | ChunkStream = super().create(**asked.to_parley)
        return self._service.watched(answer, asked.callback)

    def _ask_provider(self, asked: Asked) -> Completion | ChunkStream:
        portal, whose = self._service.portal, asked.whose
        config = portal.fresh(whose)
        if config is None:
            try:
                config = portal.heard(whose, send(self._client, settled_for(whose)))
            except OpenAIError as error:
                config = portal.missed(whose, error)
        provider, began = TypedCompletions(self._provider()), Began()
        raw: Any = provider.with_raw_response.create(**arguments(asked.openais, asked.ours, config))
        answer: Completion | ChunkStream = raw.parse()
        return self._service.submitted(raw, answer, asked, began)


class Chat(OpenAIChat):
    """`client.chat`."""

    def __init__(self, client: OpenAI, service: Service[Any], provider: Callable[[], OpenAI]) -> None:
        super().__init__(client)
        self._made = Completions(client, service, provider)

    @cached_property
    def completions(self) -> Completions:
        """Conversations to continue."""
        return self._made


class AsyncTypedCompletions(OpenAIAsyncCompletions):
    """OpenAI's own, with Parley's types."""

    def __init__(self, client: AsyncOpenAI) -> None:
        super().__init__(client)
        self._post = typed(client.post, AsyncChunkStream)


class AsyncCompletions(AsyncTypedCompletions):
    """As `Completions`, for asyncio."""

    def __init__(self, client: AsyncOpenAI, service: Service[Any], provider: Callable[[], AsyncOpenAI]) -> None:
        super().__init__(client)
        self._service = service
        self._provider = provider

    @overload  # type: ignore[override]  # OpenAI's also takes an Omit for each
    async def create(self, *, stream: Literal[True], **params: Unpack[CreateParams]) -> AsyncChunkStream: ...
    @overload
    async def create(self, *, stream: Literal[False] | None = None, **params: Unpack[CreateParams]) -> Completion: ...
    @overload
    async def create(self, *, stream: bool | None, **params: Unpack[CreateParams]) -> Completion | AsyncChunkStream: ...
    async def create(
        self, *, stream: bool | None = None, **params: Unpack[CreateParams]
    ) -> Completion | AsyncChunkStream:
        """Asks Parley, or with `server_side_inference=False` the provider itself.

        Raises ValueError for parameters that contradict each other, and openai's errors.
        """
        asked = read(stream, params)
        if asked.direct:
            return await self._ask_provider(asked)
        answer: Completion | AsyncChunkStream = await super().create(**asked.to_parley)
        return self._service.watched(answer, asked.callback)

    async def _ask_provider(self, asked: Asked) -> Completion | AsyncChunkStream:
        portal, whose = self._service.portal, asked.whose
        config = portal.fresh(whose)
        if config is None:
            try:
                config = portal.heard(whose, await send(self._client, settled_for(whose)))
            except OpenAIError as error:
                config = portal.missed(whose, error)
        provider, began = AsyncTypedCompletions(self._provider()), Began()
        raw: Any = await provider.with_raw_response.create(**arguments(asked.openais, asked.ours, config))
        answer: Completion | AsyncChunkStream = raw.parse()
        return self._service.submitted(raw, answer, asked, began)


class AsyncChat(OpenAIAsyncChat):
    """`client.chat`, for asyncio."""

    def __init__(self, client: AsyncOpenAI, service: Service[Any], provider: Callable[[], AsyncOpenAI]) -> None:
        super().__init__(client)
        self._made = AsyncCompletions(client, service, provider)

    @cached_property
    def completions(self) -> AsyncCompletions:
        """Conversations to continue."""
        return self._made

"""The bridge to llama.cpp: one blocking call in a thread becomes a stream of chunks that ends when nobody listens.

llama.cpp can be stopped only from its callback, which a stream calls at each token and, with `return_progress`, at
each batch of the prompt; so every call streams, whatever the client asked for.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import msgspec
from msgspec import Struct, field

from parley.core.errors import BadRequest, GatewayError, Internal

Body = dict[str, Any]


class Server(Protocol):
    """The part of xllamacpp.Server that is used here."""

    def handle_completions(self, prompt: bytes, callback: Callable[[bytes], bool]) -> object:
        """Generate; blocks, and calls back with each chunk until the callback says True."""

    def handle_embeddings(self, prompt: bytes) -> bytes:
        """Compute vectors; blocks."""


class Top(Struct):
    """A token that might have come."""

    token: str
    logprob: float
    bytes: list[int]


class Logprob(Struct):
    """A token that came, with its log-probability in nats and the likeliest others."""

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[Top]


class Logprobs(Struct):
    """The tokens of one chunk."""

    content: list[Logprob] = field(default_factory=list)


class Choice(Struct):
    """What a chunk adds."""

    text: str = ""
    logprobs: Logprobs | None = None
    finish_reason: str | None = None


class Details(Struct):
    """Which part of the prompt was not computed again."""

    cached_tokens: int = 0


class Usage(Struct):
    """Tokens, as the last chunk counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: Details = field(default_factory=Details)


class Progress(Struct):
    """A batch of the prompt is done; how many does not matter here."""


class Fault(Struct):
    """An error of llama.cpp."""

    message: str = ""
    code: int = 500
    type: str = ""
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class Chunk(Struct):
    """One item of llama.cpp's stream."""

    choices: list[Choice] = field(default_factory=list)
    usage: Usage | None = None
    prompt_progress: Progress | None = None
    error: Fault | None = None


CHUNK = msgspec.json.Decoder(Chunk)
ENCODE = msgspec.json.Encoder().encode


class Inbox:
    """Hands items from the engine's thread to the event loop; wakes it once however many items wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._items: deque[bytes | BaseException | None] = deque()
        self._filled = asyncio.Event()
        self._woken = False
        self.left = threading.Event()

    def put(self, item: bytes | BaseException | None) -> None:
        """Called in the thread; None is the end."""
        self._items.append(item)
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._filled.set)

    def chunk(self, item: bytes) -> bool:
        """llama.cpp's callback: keep the item, and stop if nobody listens."""
        self.put(item)
        return self.left.is_set()

    async def items(self) -> AsyncGenerator[bytes, None]:
        """Items as they come. Raises what the thread raised."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            self._woken = False
            while self._items:
                item = self._items.popleft()
                if item is None:
                    return
                if isinstance(item, BaseException):
                    raise explain(item)
                yield item


async def generate(server: Server, threads: ThreadPoolExecutor, body: Body) -> AsyncGenerator[Chunk, None]:
    """Run one completion. The caller holds a slot; leaving the iterator stops llama.cpp before it returns.

    Raises GatewayError for what llama.cpp refuses.
    """
    loop = asyncio.get_running_loop()
    inbox = Inbox(loop)
    data = ENCODE({**body, "stream": True, "return_progress": True})

    def run() -> None:
        try:
            server.handle_completions(data, inbox.chunk)
        except BaseException as error:
            inbox.put(error)
        inbox.put(None)

    done = loop.run_in_executor(threads, run)
    try:
        async for item in inbox.items():
            chunk = CHUNK.decode(item)
            if chunk.error is not None:
                raise refused(chunk.error)
            yield chunk
    finally:
        inbox.left.set()
        await asyncio.shield(done)


def refused(fault: Fault) -> GatewayError:
    """llama.cpp's error as ours."""
    if fault.type == "exceed_context_size_error":
        return too_long(fault.n_prompt_tokens, fault.n_ctx)
    if 400 <= fault.code < 500:
        return BadRequest(fault.message[:500])
    return Internal("The engine could not answer; its log says why.")


def explain(error: BaseException) -> GatewayError:
    """What the binding raised, as ours: a ValueError is about the request."""
    if isinstance(error, ValueError):
        return BadRequest(str(error)[:500])
    return Internal("The engine could not answer; its log says why.")


def too_long(tokens: int, context: int, param: str = "messages") -> GatewayError:
    """A prompt that does not fit, with both numbers."""
    sentence = f"The prompt has {tokens} tokens; this model takes at most {context - 1} and leaves room for an answer."
    return BadRequest(sentence, param=param, code="context_length_exceeded")

"""`POST /v1/completions`: OpenAI's legacy text completion, whole or streamed, for one or many prompts."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import msgspec
from msgspec import Struct, field

from parley.core.errors import BadRequest
from parley.engine.process.asks import TEXT, TextAsk, read, several
from parley.engine.process.choices import run
from parley.engine.process.generate import Choice, Logprob
from parley.engine.process.job import Job
from parley.engine.process.load import Model
from parley.engine.process.models import Models
from parley.engine.process.prompt import fitting
from parley.engine.process.sampling import bodies

ENCODE = msgspec.json.Encoder().encode
DONE = b"data: [DONE]\n\n"
PROMPTS = 1024  # in one request


class Text(Struct):
    """One choice as it grows: its text so far and its tokens in the legacy shape."""

    text: str = ""
    finish: str | None = None
    offset: int = 0  # characters before the next token
    tokens: list[str] = field(default_factory=list)
    token_logprobs: list[float | None] = field(default_factory=list)
    top_logprobs: list[dict[str, float] | None] = field(default_factory=list)
    text_offset: list[int] = field(default_factory=list)


async def completions(models: Models, body: bytes) -> bytes | AsyncGenerator[bytes, None]:
    """Continue texts: the whole JSON, or an iterator of server-sent events. Raises GatewayError."""
    ask = read(body, TEXT)
    if ask.suffix:
        raise BadRequest("The engine's models do not fill in before a `suffix`; leave it out.", param="suffix")
    if ask.best_of is not None and ask.best_of > (ask.n or 1):
        raise BadRequest("The engine does not rank answers; leave `best_of` out.", param="best_of")
    if ask.echo and ask.logprobs is not None:
        raise BadRequest("`echo` with `logprobs` is not served here; ask a chat with `loglikelihood`.", param="echo")
    if ask.stream:
        return streamed(models, ask)
    async with models.use(ask.model) as model:
        return await whole(await prepare(model, ask), ask)


async def prepare(model: Model, ask: TextAsk) -> tuple[Job, list[str]]:
    """Tokenise and translate; also what each choice begins with (the prompt, if `echo`). Raises BadRequest."""
    if model.embeds:
        raise BadRequest(f"{model.name} is an encoder; it serves /v1/embeddings only.", param="model")
    prompts = await asyncio.to_thread(prompts_of, model, several(ask.prompt, "prompt", PROMPTS))
    told: list[dict[str, Any]] = []
    heads: list[str] = []
    for ids in prompts:
        each = bodies(model, ask, fitting(ids, model, "prompt"), ask.logprobs)
        told += each
        heads += [model.vocabulary.written(ids) if ask.echo else ""] * len(each)
    count = sum(len(ids) for ids in prompts)
    return Job(model=model, bodies=told, prompt_tokens=count, id=f"cmpl-{secrets.token_hex(12)}"), heads


def prompts_of(model: Model, asked: list[str | list[int]]) -> list[list[int]]:
    """Every prompt as tokens. Raises BadRequest for tokens that the model does not have."""
    size, prompts = model.vocabulary.size, []
    for item in asked:
        ids = model.vocabulary.prompt(item, None) if isinstance(item, str) else list(item)
        if not all(0 <= token < size for token in ids):
            raise BadRequest(f"The tokens of this model are the numbers 0 to {size - 1}.", param="prompt")
        prompts.append(ids)
    return prompts


async def whole(prepared: tuple[Job, list[str]], ask: TextAsk) -> bytes:
    """The answer in one piece."""
    job, heads = prepared
    texts = [Text(head, offset=len(head)) for head in heads]
    async with aclosing(run(job.model, job.bodies)) as said:
        async for index, chunk in said:
            job.count(chunk)
            for choice in chunk.choices:
                grow(texts[index], choice, ask.logprobs)
    choices = [shape(index, text, text.text, ask.logprobs) for index, text in enumerate(texts)]
    return ENCODE({**head_of(job, ask), "choices": choices, "usage": job.usage()})


async def streamed(models: Models, ask: TextAsk) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events."""
    async with AsyncExitStack() as stack:
        job, heads = await prepare(await stack.enter_async_context(models.use(ask.model)), ask)
        said = await stack.enter_async_context(aclosing(run(job.model, job.bodies)))
        head = head_of(job, ask)
        offsets = [0] * len(heads)
        async for index, chunk in said:
            if heads[index]:
                begun = Text(heads[index])
                offsets[index], heads[index] = len(begun.text), ""
                yield event({**head, "choices": [shape(index, begun, begun.text, None)]})
            if chunk.prompt_progress is not None:
                continue
            job.count(chunk)
            for choice in chunk.choices:
                if choice.text or choice.logprobs or choice.finish_reason:
                    text = Text(offset=offsets[index])
                    grow(text, choice, ask.logprobs)
                    offsets[index] = text.offset
                    yield event({**head, "choices": [shape(index, text, text.text, ask.logprobs)]})
        if ask.stream_options is not None and ask.stream_options.include_usage:
            yield event({**head, "choices": [], "usage": job.usage()})
        yield DONE


def head_of(job: Job, ask: TextAsk) -> dict[str, Any]:
    """What every piece of the answer begins with."""
    return {"id": job.id, "object": "text_completion", "created": job.created, "model": ask.model}


def event(value: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + ENCODE(value) + b"\n\n"


def grow(text: Text, choice: Choice, top: int | None) -> None:
    """Add what a chunk says to a choice."""
    text.text += choice.text
    text.finish = choice.finish_reason or text.finish
    if choice.logprobs is not None and top is not None:
        for entry in choice.logprobs.content:
            add_token(text, entry, top)


def add_token(text: Text, entry: Logprob, top: int) -> None:
    """Add one token in the legacy shape; offsets count characters of the text."""
    text.tokens.append(entry.token)
    text.token_logprobs.append(entry.logprob)
    text.top_logprobs.append({other.token: other.logprob for other in entry.top_logprobs[:top]})
    text.text_offset.append(text.offset)
    text.offset += len(entry.token)


def shape(index: int, text: Text, said: str, top: int | None) -> dict[str, Any]:
    """A choice in OpenAI's legacy shape."""
    logprobs = None
    if top is not None:
        logprobs = {
            "tokens": text.tokens,
            "token_logprobs": text.token_logprobs,
            "top_logprobs": text.top_logprobs if top else None,
            "text_offset": text.text_offset,
        }
    return {"index": index, "text": said, "logprobs": logprobs, "finish_reason": text.finish}

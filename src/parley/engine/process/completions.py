"""`POST /v1/completions`: OpenAI's legacy text completion, whole or streamed, for one or many prompts."""

import asyncio
import codecs
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import msgspec
from msgspec import Struct, field

from parley.core.errors import BadRequest
from parley.engine.process.answers import openai_logprobs
from parley.engine.process.asks import TEXT, TextAsk, read, several
from parley.engine.process.choices import Said, run
from parley.engine.process.generate import Choice, Logprob
from parley.engine.process.job import Job
from parley.engine.process.likelihood import check_likelihood, likelihoods, prompt_logprobs, spelled_in_bytes
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
    prompt: list[Logprob] = field(default_factory=list)  # how likely its prompt is, for `loglikelihood`


async def completions(models: Models, body: bytes) -> bytes | AsyncGenerator[bytes, None]:
    """Continue texts: the whole JSON, or an iterator of server-sent events. Raises GatewayError."""
    ask = read(body, TEXT)
    if ask.suffix:
        raise BadRequest("The engine's models do not fill in before a `suffix`; leave it out.", param="suffix")
    if ask.best_of is not None and ask.best_of > (ask.n or 1):
        raise BadRequest("The engine does not rank answers; leave `best_of` out.", param="best_of")
    if ask.loglikelihood:
        check_likelihood(ask)
    if ask.stream:
        return streamed(models, ask)
    async with models.use(ask.model) as model:
        return await whole(await prepare(model, ask), ask)


async def prepare(model: Model, ask: TextAsk) -> tuple[Job, list[Text]]:
    """Tokenise and translate; also what each choice begins with (the prompt, if `echo`). Raises GatewayError."""
    if model.embeds:
        raise BadRequest(f"{model.name} is an encoder; it serves /v1/embeddings only.", param="model")
    prompts = await asyncio.to_thread(prompts_of, model, several(ask.prompt, "prompt", PROMPTS))
    told: list[dict[str, Any]] = []
    for ids in prompts:
        told += bodies(model, ask, fitting(ids, model, "prompt"), ask.logprobs)
    heads = [Text() for _ in told]
    if ask.echo and not ask.loglikelihood:
        heads = await echoed(model, told, ask)
    count = sum(len(ids) for ids in prompts)
    return Job(model=model, bodies=told, prompt_tokens=count, id=f"cmpl-{secrets.token_hex(12)}"), heads


async def echoed(model: Model, told: list[dict[str, Any]], ask: TextAsk) -> list[Text]:
    """What each choice begins with: its prompt, and how likely that is if `logprobs` are asked. Raises GatewayError."""
    heads: list[Text] = []
    before: list[int] | None = None
    for body in told:
        ids = body["prompt"]
        if ids is not before:
            before, entries = ids, list[Logprob]()
            if ask.logprobs is not None:
                async with aclosing(prompt_logprobs(model, body, ask.logprobs, spelled_in_bytes)) as pieces:
                    entries = [entry async for piece in pieces for entry in piece]
        heads.append(head_of_choice(model, ids, entries, ask.logprobs))
    return heads


def head_of_choice(model: Model, ids: list[int], entries: list[Logprob], top: int | None) -> Text:
    """The prompt as the beginning of a choice, with its tokens in the legacy shape if `top` is a number.

    The first token has no log-probability. An offset counts the whole characters before the token.
    """
    head = Text(model.vocabulary.written(ids))
    if top is not None:
        first = model.vocabulary.piece(ids[0])
        add_token(head, spelled_in_bytes(first), None, None)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        head.offset = len(decoder.decode(first))
        for entry in entries:
            add_token(head, entry.token, entry.logprob, alternatives(entry, top))
            head.offset = head.text_offset[-1] + len(decoder.decode(bytes(entry.bytes)))
    head.offset = len(head.text)
    return head


def prompts_of(model: Model, asked: list[str | list[int]]) -> list[list[int]]:
    """Every prompt as tokens. Raises BadRequest for tokens that the model does not have."""
    size, prompts = model.vocabulary.size, []
    for item in asked:
        ids = model.vocabulary.prompt(item, None) if isinstance(item, str) else list(item)
        if not all(0 <= token < size for token in ids):
            raise BadRequest(f"The tokens of this model are the numbers 0 to {size - 1}.", param="prompt")
        prompts.append(ids)
    return prompts


def answering(job: Job, ask: TextAsk) -> AsyncGenerator[Said, None]:
    """What the model says, or how likely the prompts are."""
    if ask.loglikelihood:
        return likelihoods(job.model, job.bodies, ask.logprobs or 0)
    return run(job.model, job.bodies)


async def whole(prepared: tuple[Job, list[Text]], ask: TextAsk) -> bytes:
    """The answer in one piece."""
    job, texts = prepared
    async with aclosing(answering(job, ask)) as said:
        async for index, chunk in said:
            job.count(chunk)
            for choice in chunk.choices:
                grow(texts[index], choice, ask)
    choices = [shape(index, text, ask) for index, text in enumerate(texts)]
    return ENCODE({**head_of(job, ask), "choices": choices, "usage": job.usage()})


async def streamed(models: Models, ask: TextAsk) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events."""
    async with AsyncExitStack() as stack:
        job, heads = await prepare(await stack.enter_async_context(models.use(ask.model)), ask)
        said = await stack.enter_async_context(aclosing(answering(job, ask)))
        head = head_of(job, ask)
        offsets = [begun.offset for begun in heads]
        silent = {index for index, begun in enumerate(heads) if begun.text}  # have not said their prompt yet
        async for index, chunk in said:
            if index in silent:
                silent.discard(index)
                yield event({**head, "choices": [shape(index, heads[index], ask)]})
            if chunk.prompt_progress is not None:
                continue
            job.count(chunk)
            for choice in chunk.choices:
                if choice.text or choice.logprobs or choice.finish_reason:
                    text = Text(offset=offsets[index])
                    grow(text, choice, ask)
                    offsets[index] = text.offset
                    yield event({**head, "choices": [shape(index, text, ask)]})
        if ask.stream_options is not None and ask.stream_options.include_usage:
            yield event({**head, "choices": [], "usage": job.usage()})
        yield DONE


def head_of(job: Job, ask: TextAsk) -> dict[str, Any]:
    """What every piece of the answer begins with."""
    return {"id": job.id, "object": "text_completion", "created": job.created, "model": ask.model}


def event(value: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + ENCODE(value) + b"\n\n"


def grow(text: Text, choice: Choice, ask: TextAsk) -> None:
    """Add what a chunk says to a choice."""
    text.text += choice.text
    text.finish = choice.finish_reason or text.finish
    if choice.logprobs is None:
        return
    if ask.loglikelihood:
        text.prompt += choice.logprobs.content
    elif ask.logprobs is not None:
        for entry in choice.logprobs.content:
            add_token(text, entry.token, entry.logprob, alternatives(entry, ask.logprobs))


def alternatives(entry: Logprob, top: int) -> dict[str, float]:
    """The `top` likeliest tokens at a place."""
    return {other.token: other.logprob for other in entry.top_logprobs[:top]}


def add_token(text: Text, token: str, logprob: float | None, top: dict[str, float] | None) -> None:
    """Add one token in the legacy shape; offsets count characters of the text."""
    text.tokens.append(token)
    text.token_logprobs.append(logprob)
    text.top_logprobs.append(top)
    text.text_offset.append(text.offset)
    text.offset += len(token)


def shape(index: int, text: Text, ask: TextAsk) -> dict[str, Any]:
    """A choice in OpenAI's legacy shape; with `loglikelihood` its log-probabilities are those of a chat."""
    logprobs: dict[str, Any] | None = None
    if ask.loglikelihood:
        logprobs = {"content": openai_logprobs(text.prompt, ask.logprobs or 0), "refusal": None}
    elif ask.logprobs is not None:
        logprobs = {
            "tokens": text.tokens,
            "token_logprobs": text.token_logprobs,
            "top_logprobs": text.top_logprobs if ask.logprobs else None,
            "text_offset": text.text_offset,
        }
    return {"index": index, "text": text.text, "logprobs": logprobs, "finish_reason": text.finish}

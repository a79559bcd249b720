"""`POST /v1/chat/completions`: OpenAI's chat, whole or streamed, from one or several choices."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import msgspec

from parley.core.errors import BadRequest
from parley.engine.process.asks import CHAT, ChatAsk, read
from parley.engine.process.choices import run
from parley.engine.process.generate import Logprob
from parley.engine.process.job import Job
from parley.engine.process.load import Model
from parley.engine.process.models import Models
from parley.engine.process.prompt import chat_prompt
from parley.engine.process.renderer import Renderer
from parley.engine.process.sampling import bodies
from parley.engine.process.structured import constraint, schema_of

ENCODE = msgspec.json.Encoder().encode
DONE = b"data: [DONE]\n\n"


async def chat(models: Models, body: bytes) -> bytes | AsyncGenerator[bytes, None]:
    """Answer a chat: the whole JSON, or an iterator of server-sent events. Raises GatewayError."""
    ask = read(body, CHAT)
    if ask.top_logprobs is not None and not ask.logprobs:
        raise BadRequest("top_logprobs needs logprobs to be true.", param="top_logprobs")
    if ask.stream:
        return streamed(models, ask, len(body))
    async with models.use(ask.model) as model:
        return await whole(await prepare(model, ask, len(body), models.renderer), ask)


async def prepare(model: Model, ask: ChatAsk, size: int, renderer: Renderer) -> Job:
    """Render, tokenise and translate. Raises BadRequest."""
    if model.embeds:
        raise BadRequest(f"{model.name} is an encoder; it serves /v1/embeddings only.", param="model")
    ids = await chat_prompt(model, ask, size, renderer)
    top = (ask.top_logprobs or 0) if ask.logprobs else None
    bounds = await constraint(model, schema_of(ask.response_format))
    return Job(
        model=model,
        bodies=bodies(model, ask, ids, top, **bounds),
        prompt_tokens=len(ids),
        id=f"chatcmpl-{secrets.token_hex(12)}",
    )


async def whole(job: Job, ask: ChatAsk) -> bytes:
    """The answer in one piece."""
    texts = [[] for _ in job.bodies]  # type: list[list[str]]
    logprobs = [[] for _ in job.bodies]  # type: list[list[dict[str, Any]]]
    finish = ["stop"] * len(texts)
    async with aclosing(run(job.model, job.bodies)) as said:
        async for index, chunk in said:
            job.count(chunk)
            for choice in chunk.choices:
                texts[index].append(choice.text)
                if choice.logprobs is not None:
                    logprobs[index] += openai_logprobs(choice.logprobs.content, ask.top_logprobs or 0)
                finish[index] = choice.finish_reason or finish[index]
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": "".join(text), "refusal": None},
            "logprobs": {"content": logprobs[index], "refusal": None} if ask.logprobs else None,
            "finish_reason": finish[index],
        }
        for index, text in enumerate(texts)
    ]
    answer = {"id": job.id, "object": "chat.completion", "created": job.created, "model": ask.model}
    return ENCODE({**answer, "choices": choices, "usage": job.usage()})


async def streamed(models: Models, ask: ChatAsk, size: int) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events: the role, the text as it comes, the reason it ended, the usage if asked."""
    async with AsyncExitStack() as stack:
        job = await prepare(await stack.enter_async_context(models.use(ask.model)), ask, size, models.renderer)
        said = await stack.enter_async_context(aclosing(run(job.model, job.bodies)))
        head = {"id": job.id, "object": "chat.completion.chunk", "created": job.created, "model": ask.model}
        opened = b"data: " + ENCODE(head)[:-1] + b',"choices":'
        fronts = [opened + b'[{"index":%d,"delta":{' % index for index in range(len(job.bodies))]
        told = set[int]()
        async for index, chunk in said:
            if index not in told:
                told.add(index)
                yield fronts[index] + b'"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}\n\n'
            if chunk.prompt_progress is not None:
                continue
            job.count(chunk)
            for choice in chunk.choices:
                if choice.text or choice.logprobs:
                    logprobs = b"null"
                    if choice.logprobs is not None:
                        content = openai_logprobs(choice.logprobs.content, ask.top_logprobs or 0)
                        logprobs = ENCODE({"content": content, "refusal": None})
                    text = b'"content":' + ENCODE(choice.text) + b'},"logprobs":' + logprobs
                    yield fronts[index] + text + b',"finish_reason":null}]}\n\n'
                if choice.finish_reason is not None:
                    end = b'},"logprobs":null,"finish_reason":' + ENCODE(choice.finish_reason) + b"}]}\n\n"
                    yield fronts[index] + end
        if ask.stream_options is not None and ask.stream_options.include_usage:
            yield opened + b'[],"usage":' + ENCODE(job.usage()) + b"}\n\n"
        yield DONE


def openai_logprobs(entries: list[Logprob], top: int) -> list[dict[str, Any]]:
    """Log-probabilities in OpenAI's shape with `top` alternatives."""
    return [
        {
            "token": entry.token,
            "logprob": entry.logprob,
            "bytes": entry.bytes,
            "top_logprobs": [
                {"token": other.token, "logprob": other.logprob, "bytes": other.bytes}
                for other in entry.top_logprobs[:top]
            ],
        }
        for entry in entries
    ]

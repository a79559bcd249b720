"""`POST /v1/chat/completions`: OpenAI's chat, whole or streamed, from one or several choices."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import msgspec
from msgspec import Struct

from parley.core.errors import BadRequest
from parley.engine.process.asks import CHAT, ChatAsk, read
from parley.engine.process.choices import run
from parley.engine.process.generate import Chunk, Logprob
from parley.engine.process.load import Model
from parley.engine.process.models import Models
from parley.engine.process.prompt import chat_prompt
from parley.engine.process.sampling import longest, sampling, seeds

ENCODE = msgspec.json.Encoder().encode
DONE = b"data: [DONE]\n\n"


class Job(Struct, kw_only=True):
    """A chat that is ready to run, and what has been counted of it."""

    model: Model
    ask: ChatAsk
    bodies: list[dict[str, Any]]
    prompt_tokens: int
    id: str
    created: int
    completion_tokens: int = 0
    cached_tokens: int = 0

    def count(self, chunk: Chunk) -> None:
        """Add the tokens of a choice that ended."""
        if chunk.usage is not None:
            self.completion_tokens += chunk.usage.completion_tokens
            self.cached_tokens = max(self.cached_tokens, chunk.usage.prompt_tokens_details.cached_tokens)

    def usage(self) -> dict[str, Any]:
        """OpenAI's usage; the prompt counts once however many choices there are."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }


async def chat(models: Models, body: bytes) -> bytes | AsyncIterator[bytes]:
    """Answer a chat: the whole JSON, or an iterator of server-sent events. Raises GatewayError."""
    ask = read(body, CHAT)
    if ask.top_logprobs is not None and not ask.logprobs:
        raise BadRequest("top_logprobs needs logprobs to be true.", param="top_logprobs")
    if ask.stream:
        return streamed(models, ask, len(body))
    async with models.use(ask.model) as model:
        return await whole(await prepare(model, ask, len(body)))


async def prepare(model: Model, ask: ChatAsk, size: int) -> Job:
    """Render, tokenise and translate. Raises BadRequest."""
    if model.embeds:
        raise BadRequest(f"{model.name} is an encoder; it serves /v1/embeddings only.", param="model")
    ids = await chat_prompt(model, ask, size)
    body = {
        **sampling(ask, model.vocabulary.size),
        "prompt": ids,
        "max_tokens": longest(ask, len(ids), model.context),
    }
    if ask.logprobs:
        body["logprobs"] = max(1, ask.top_logprobs or 0)
    return Job(
        model=model,
        ask=ask,
        bodies=[{**body, "seed": seed} for seed in seeds(ask.seed, ask.n or 1)],
        prompt_tokens=len(ids),
        id=f"chatcmpl-{secrets.token_hex(12)}",
        created=int(time.time()),
    )


async def whole(job: Job) -> bytes:
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
                    logprobs[index] += openai_logprobs(choice.logprobs.content, job.ask.top_logprobs or 0)
                finish[index] = choice.finish_reason or finish[index]
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": "".join(text), "refusal": None},
            "logprobs": {"content": logprobs[index], "refusal": None} if job.ask.logprobs else None,
            "finish_reason": finish[index],
        }
        for index, text in enumerate(texts)
    ]
    answer = {"id": job.id, "object": "chat.completion", "created": job.created, "model": job.ask.model}
    return ENCODE({**answer, "choices": choices, "usage": job.usage()})


async def streamed(models: Models, ask: ChatAsk, size: int) -> AsyncIterator[bytes]:
    """The answer as server-sent events: the role, the text as it comes, the reason it ended, the usage if asked."""
    async with AsyncExitStack() as stack:
        job = await prepare(await stack.enter_async_context(models.use(ask.model)), ask, size)
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

"""`POST /v1/chat/completions`: OpenAI's chat, whole or streamed, from one or several choices."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing

from parley.core.errors import BadRequest
from parley.engine.process.answers import DONE, ENCODE, Answer, Events
from parley.engine.process.asks import CHAT, ChatAsk, read
from parley.engine.process.calls import scanner_of
from parley.engine.process.choices import Said, run
from parley.engine.process.job import Job
from parley.engine.process.likelihood import check_likelihood, likelihoods
from parley.engine.process.load import Model
from parley.engine.process.models import Models
from parley.engine.process.prompt import chat_prompt
from parley.engine.process.renderer import Renderer
from parley.engine.process.sampling import bodies
from parley.engine.process.structured import call_constraint, constraint, schema_of
from parley.engine.process.tools import Offer, offer_of


async def chat(models: Models, body: bytes) -> bytes | AsyncGenerator[bytes, None]:
    """Answer a chat: the whole JSON, or an iterator of server-sent events. Raises GatewayError."""
    ask = read(body, CHAT)
    if ask.top_logprobs is not None and not ask.logprobs:
        raise BadRequest("top_logprobs needs logprobs to be true.", param="top_logprobs")
    if ask.loglikelihood:
        check_likelihood(ask, ask.response_format)
    offer = offer_of(ask)
    if ask.stream:
        return streamed(models, ask, offer, len(body))
    async with models.use(ask.model) as model:
        return await whole(await prepare(model, ask, offer, len(body), models.renderer), ask, offer)


async def prepare(model: Model, ask: ChatAsk, offer: Offer, size: int, renderer: Renderer) -> Job:
    """Render, tokenise and translate. Raises BadRequest."""
    if model.embeds:
        raise BadRequest(f"{model.name} is an encoder; it serves /v1/embeddings only.", param="model")
    ids = await chat_prompt(model, ask, size, renderer)
    top = (ask.top_logprobs or 0) if ask.logprobs else None
    if ask.loglikelihood:
        bounds: dict[str, object] = {}
    elif offer.how == "must":
        schema_of(ask.response_format)  # binds the text, of which a forced call has none
        bounds = await constraint(model, offer.schema(), "tools")
    elif offer.how == "may":
        bounds = await call_constraint(model, offer, schema_of(ask.response_format))
    else:
        bounds = await constraint(model, schema_of(ask.response_format))
    told = bodies(model, ask, ids, top, **bounds)
    return Job(model=model, bodies=told, prompt_tokens=len(ids), id=f"chatcmpl-{secrets.token_hex(12)}")


def answering(job: Job, ask: ChatAsk) -> AsyncGenerator[Said, None]:
    """What the model says, or how likely the prompt is."""
    if ask.loglikelihood:
        return likelihoods(job.model, job.bodies, ask.top_logprobs or 0)
    return run(job.model, job.bodies)


async def whole(job: Job, ask: ChatAsk, offer: Offer) -> bytes:
    """The answer in one piece."""
    answers = [Answer(scanner=scanner_of(offer)) for _ in job.bodies]
    async with aclosing(answering(job, ask)) as said:
        async for index, chunk in said:
            job.count(chunk)
            for choice in chunk.choices:
                answers[index].add(choice, ask.top_logprobs or 0)
    told = ask.logprobs is True or ask.loglikelihood is True
    choices = [answer.shape(index, told) for index, answer in enumerate(answers)]
    head = {"id": job.id, "object": "chat.completion", "created": job.created, "model": ask.model}
    return ENCODE({**head, "choices": choices, "usage": job.usage()})


async def streamed(models: Models, ask: ChatAsk, offer: Offer, size: int) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events: the role, the text as it comes, the reason it ended, the usage if asked."""
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(models.use(ask.model))
        job = await prepare(model, ask, offer, size, models.renderer)
        said = await stack.enter_async_context(aclosing(answering(job, ask)))
        events = Events(job, ask, [scanner_of(offer) for _ in job.bodies])
        async for index, chunk in said:
            for event in events.role(index):
                yield event
            if chunk.prompt_progress is not None:
                continue
            job.count(chunk)
            for choice in chunk.choices:
                for event in events.choice(index, choice):
                    yield event
        if ask.stream_options is not None and ask.stream_options.include_usage:
            yield events.usage(job)
        yield DONE

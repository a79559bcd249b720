"""How likely a prompt is: the log-probability of each of its tokens but the first, with nothing generated."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from parley.core.asks import Sampling
from parley.core.errors import BadRequest, Internal
from parley.engine.process.choices import Said
from parley.engine.process.generate import Choice, Chunk, Logprob, Logprobs, Top
from parley.engine.process.load import Model
from parley.engine.process.scorer import Scores
from parley.engine.process.threads import in_thread
from parley.engine.process.tokens import Vocabulary

Spell = Callable[[bytes], str]


def check_likelihood(ask: Sampling, response_format: dict[str, Any] | None = None) -> None:
    """Raises BadRequest for what makes no sense where nothing is generated."""
    if ask.n is not None and ask.n > 1:
        raise BadRequest("`loglikelihood` has one result; leave `n` out.", param="n")
    if response_format is not None and response_format.get("type") != "text":
        raise BadRequest("`loglikelihood` generates nothing; leave `response_format` out.", param="response_format")


async def likelihoods(model: Model, bodies: list[dict[str, Any]], top: int) -> AsyncGenerator[Said, None]:
    """The prompt of each body, as chunks that say nothing and bear log-probabilities with `top` alternatives."""
    for index, body in enumerate(bodies):
        async with aclosing(prompt_logprobs(model, body, top, spelled)) as pieces:
            async for entries in pieces:
                yield index, Chunk(choices=[Choice(logprobs=Logprobs(entries))])
        yield index, Chunk(choices=[Choice(finish_reason="stop")])


async def prompt_logprobs(
    model: Model, body: dict[str, Any], top: int, spell: Spell
) -> AsyncGenerator[list[Logprob], None]:
    """Log-probabilities of the tokens of a body's prompt after the first, piece by piece.

    Holds a slot like any call; one prompt of a model is read at a time. Raises GatewayError.
    """
    ids: list[int] = body["prompt"]
    scales = [float(row["scale"]) for row in body["lora"]]
    reading = model.reading
    async with reading.turn.slot(), model.admission.slot():
        try:
            scorer = await in_thread(reading.threads, reading.begin, len(ids), scales)
            at = 0
            while at < len(ids) - 1:
                scores = await in_thread(reading.threads, scorer.score, ids, at, min(top, model.vocabulary.size))
                count = len(scores.logprobs)
                yield entries(model.vocabulary, ids[at + 1 : at + 1 + count], scores, spell)
                at += count
        except RuntimeError as error:
            raise Internal(f"The engine could not read the prompt: {error}") from None


def entries(vocabulary: Vocabulary, ids: list[int], scores: Scores, spell: Spell) -> list[Logprob]:
    """The scores of some tokens in words."""
    values, likeliest, likely = scores.logprobs.tolist(), scores.top.tolist(), scores.top_logprobs.tolist()
    known: dict[int, bytes] = {}

    def piece(token: int) -> bytes:
        if token not in known:
            known[token] = vocabulary.piece(token)
        return known[token]

    return [
        Logprob(
            token=spell(piece(token)),
            logprob=value,
            bytes=list(piece(token)),
            top_logprobs=[
                Top(spell(piece(other)), told, list(piece(other))) for other, told in zip(others, tolds, strict=True)
            ],
        )
        for token, value, others, tolds in zip(ids, values, likeliest, likely, strict=True)
    ]


def spelled(piece: bytes) -> str:
    """A token as chats show it: what is no whole UTF-8 is replaced; `bytes` says what it was."""
    return piece.decode("utf-8", "replace")


def spelled_in_bytes(piece: bytes) -> str:
    r"""A token as OpenAI's legacy completions show it: what is no whole UTF-8 as `bytes:\xe2\x82`."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in piece)

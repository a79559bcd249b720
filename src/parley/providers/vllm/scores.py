"""Reads how likely a prompt is from vLLM's `prompt_logprobs`, into the shape of log-probabilities that chats have."""

import msgspec
from msgspec import Struct, structs

from parley.core.asks import Json
from parley.core.errors import UpstreamGarbled
from parley.core.reply import Choice, Reply, Usage
from parley.core.usage_shape import UsageShape


class _Score(Struct, frozen=True):
    """A token of the vocabulary at a place of the prompt."""

    logprob: float
    decoded_token: str | None = None


_Scores = list[dict[str, _Score] | None]
"""For each token of the prompt: itself, then the likeliest; by token id. The first has nothing before it: null."""


class _ScoredChoice(Struct, frozen=True):
    index: int = 0
    prompt_logprobs: _Scores | None = None


class _Scored(Struct, frozen=True):
    """A reply with log-probabilities of the prompt: of a chat at the top, of texts in each choice."""

    choices: list[_ScoredChoice]
    id: str = ""
    model: str = ""
    created: int = 0
    usage: UsageShape | None = None
    prompt_logprobs: _Scores | None = None


_SCORED = msgspec.json.Decoder(_Scored)


def read_scores(body: bytes) -> Reply:
    """The prompt's log-probabilities as `logprobs.content` of choices that say nothing. Raises UpstreamGarbled."""
    try:
        read = _SCORED.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamGarbled(f"The upstream's answer holds no log-probabilities of the prompt: {error}.") from None
    choices = [_choice(choice, choice.prompt_logprobs or read.prompt_logprobs) for choice in read.choices]
    usage = read.usage.canon() if read.usage is not None else Usage()
    return Reply(
        id=read.id,
        model=read.model,
        created=read.created,
        choices=tuple(choices),
        usage=structs.replace(usage, completion_tokens=0, reasoning_tokens=0),
    )


def _choice(choice: _ScoredChoice, scores: _Scores | None) -> Choice:
    if not scores:
        raise UpstreamGarbled("The upstream's answer holds no log-probabilities of the prompt.")
    content = [_entry([*place.values()]) for place in scores[1:] if place]
    return Choice(index=choice.index, text="", logprobs={"content": content, "refusal": None}, finish="stop")


def _entry(tokens: list[_Score]) -> Json:
    said, *likeliest = [_token(token) for token in tokens]
    return {**said, "top_logprobs": likeliest}


def _token(score: _Score) -> dict[str, Json]:
    token = score.decoded_token or ""
    return {"token": token, "logprob": score.logprob, "bytes": list(token.encode("utf-8", "replace"))}

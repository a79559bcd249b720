"""A request's sampling parameters as llama.cpp's fields; every default is sent, since llama.cpp's own differ."""

import secrets
from typing import Any

from parley.core.asks import Chat, Sampling, TextCompletion
from parley.core.errors import BadRequest
from parley.engine.process.adapters import scales
from parley.engine.process.asks import ChatAsk, TextAsk
from parley.engine.process.load import Model

SEEDS = 2**32 - 1  # llama.cpp takes 32 bits and reads the largest as "random"
ORDER = ["penalties", "temperature", "top_k", "top_p", "min_p"]
"""Temperature before the cuts, as vLLM and Hugging Face do; llama.cpp's own default is after."""

FIXED = {
    "samplers": ORDER,
    "typical_p": 1.0,
    "top_n_sigma": -1.0,
    "dynatemp_range": 0.0,
    "mirostat": 0,
    "xtc_probability": 0.0,
    "dry_multiplier": 0.0,
    "cache_prompt": True,
}


def or_default(value: Any, default: Any) -> Any:
    """The value, unless it was not given."""
    return default if value is None else value


def bodies(
    model: Model, ask: ChatAsk | TextAsk, ids: list[int], logprobs: int | None, **more: Any
) -> list[dict[str, Any]]:
    """What llama.cpp is told for each choice, with `more` fields. `logprobs` is the number of alternatives or None.

    Raises BadRequest or NotFound.
    """
    body = {
        **sampling(ask, model.vocabulary.size, model.context),
        "prompt": ids,
        "max_tokens": longest(ask, len(ids), model.context),
        "lora": scales(model.adapters, ask.peft, ask.loras),
        **more,
    }
    if logprobs is not None:
        body["logprobs"] = max(1, logprobs)
    return [{**body, "seed": seed} for seed in seeds(ask.seed, ask.n or 1)]


def sampling(ask: Sampling, vocabulary: int, context: int) -> dict[str, Any]:
    """The fields that say how tokens are chosen. `vocabulary` and `context` are in tokens. Raises BadRequest."""
    repetition = or_default(ask.repetition_penalty, 1.0)
    presence, frequency = or_default(ask.presence_penalty, 0.0), or_default(ask.frequency_penalty, 0.0)
    penalised = repetition != 1.0 or presence != 0.0 or frequency != 0.0
    return {
        **FIXED,
        "temperature": or_default(ask.temperature, 1.0),
        "top_p": or_default(ask.top_p, 1.0),
        "top_k": max(0, or_default(ask.top_k, 0)),
        "min_p": or_default(ask.min_p, 0.0),
        "repeat_penalty": repetition,
        "presence_penalty": presence,
        "frequency_penalty": frequency,
        "repeat_last_n": context if penalised else 0,
        "ignore_eos": bool(ask.ignore_eos),
        "logit_bias": biases(ask.logit_bias or {}, vocabulary),
        "stop": stops(ask.stop),
    }


def biases(asked: dict[str, float], vocabulary: int) -> list[list[float]]:
    """Pairs of token and bias. Raises BadRequest for a key that is no token of the model."""
    pairs = []
    for key, bias in asked.items():
        if not key.isascii() or not key.isdigit() or int(key) >= vocabulary:
            sentence = f"logit_bias names {key[:20]!r}; the tokens of this model are the numbers 0 to {vocabulary - 1}."
            raise BadRequest(sentence, param="logit_bias")
        pairs.append([int(key), float(bias)])
    return pairs


def stops(asked: str | list[str] | None) -> list[str]:
    """Stop strings as a list. Raises BadRequest for an empty one."""
    found = [asked] if isinstance(asked, str) else list(asked or [])
    if "" in found:
        raise BadRequest("A stop string can not be empty.", param="stop")
    return found


def seeds(asked: int | None, count: int) -> list[int]:
    """A seed for each choice: the asked one and those after it, or random ones."""
    if asked is None:
        return [secrets.randbelow(SEEDS) for _ in range(count)]
    return [(asked + index) % SEEDS for index in range(count)]


def longest(ask: Sampling, prompt: int, context: int) -> int:
    """How many tokens the answer may have: what was asked for and what fits."""
    asked = ask.max_completion_tokens if isinstance(ask, Chat) else None
    room = context - prompt
    if asked is None:
        asked = or_default(ask.max_tokens, 16 if isinstance(ask, TextCompletion) else room)
    return min(int(asked), room)

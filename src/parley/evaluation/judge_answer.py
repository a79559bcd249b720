"""Reads what a judge answered: a verdict by the schema, or the reason why it is none."""

import math
import re
from typing import Literal

import msgspec
from msgspec import Struct

from parley.core.asks import Json
from parley.core.reply import Choice
from parley.evaluation.check import quoted
from parley.evaluation.verdict import Status

MOST_WORDS = 2000
MOST_CORRECTION = 100_000

_THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"^```(?:json)?\s*\n(.*)\n```$", re.DOTALL)
_VERDICT = re.compile(r'"verdict"\s*:\s*"(PASS|FAULT|NA)"')


class NoVerdict(Exception):
    """The judge's answer is none; the message says why, as a sentence."""


class Answered(Struct, frozen=True, kw_only=True):
    """A judge's verdict."""

    sentinel: str
    explanation: str
    verdict: Literal["PASS", "FAULT", "NA"]
    confidence: float | None = None
    correction: str | None = None


class Judged(Struct, frozen=True, kw_only=True):
    """The verdict with a confidence of 0..100: the model's probability of the verdict where it gave that."""

    status: Status
    explanation: str
    confidence: float
    correction: str | None


def read_answer(choice: Choice, sentinel: str, judged: str) -> Judged:
    """The verdict in a judge's answer about `sentinel`; `judged` is the text that it was shown.

    Raises NoVerdict.
    """
    if choice.refusal:
        raise NoVerdict(f"The judge refused to judge: {quoted(choice.refusal)}.")
    text = _THOUGHT.sub("", choice.text or "").strip()
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    if not text:
        raise NoVerdict("The judge answered nothing.")
    if choice.finish == "length":
        raise NoVerdict("The judge's answer was cut at its token limit.")
    if text in judged:
        raise NoVerdict("The judge only repeated a part of the answer.")
    try:
        answered = msgspec.json.decode(text.encode(), type=Answered)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise NoVerdict(f"The judge did not answer with a verdict but with {quoted(text)}.") from None
    if answered.sentinel != sentinel:
        raise NoVerdict(f"The judge answered for another sentinel, {quoted(answered.sentinel)}.")
    sure = probability(choice.logprobs)
    said = 100.0 if answered.confidence is None else answered.confidence
    if not 0 <= said <= 100:
        raise NoVerdict(f"The judge's confidence is {said:g}, which is not between 0 and 100.")
    return Judged(
        status=answered.verdict,
        explanation=answered.explanation.strip()[:MOST_WORDS] or "The judge gave no reason.",
        confidence=round(said if sure is None else sure * 100, 2),
        correction=(answered.correction or "")[:MOST_CORRECTION] or None if answered.verdict == "FAULT" else None,
    )


def probability(logprobs: Json) -> float | None:
    """How probable the model held the tokens of its verdict (0..1); None where it did not say.

    `logprobs` is OpenAI's object: `content` is a list of tokens, each with its natural logarithm.
    """
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(tokens, list):
        return None
    pieces = [(str(t.get("token", "")), t.get("logprob")) for t in tokens if isinstance(t, dict)]
    found = list(_VERDICT.finditer("".join(token for token, _ in pieces)))
    if not found:
        return None
    start, end = found[-1].span(1)
    total, place = 0.0, 0
    for token, logprob in pieces:
        if place < end and place + len(token) > start:
            if not isinstance(logprob, int | float) or not math.isfinite(logprob):
                return None
            total += min(0.0, float(logprob))
        place += len(token)
    return math.exp(total)

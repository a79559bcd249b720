"""Sentinels tried on answers before they are turned on: every verdict, and how well they agree with the labels."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.core.errors import BadRequest
from parley.evaluation.labelled import Labelled, score, score_json
from parley.evaluation.panel import Panel
from parley.evaluation.ports import Asker
from parley.evaluation.sentinel import Sentinel, read_sentinels
from parley.evaluation.verdict import NA, Verdict, cost_of, verdict_json

AT_ONCE = 8
"""Answers that are judged side by side."""
PATIENCE = 60.0
"""Seconds that all of them may take."""


async def try_out(
    raw: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]], ask: Asker, judge: str | None, model: str
) -> dict[str, Any]:
    """What these sentinels (as configurations have them) say of these answers, with scores for those with a `status`.

    `judge` judges where a sentinel names none, `model` is who answered. Raises BadRequest naming the place.
    """
    sentinels = read_sentinels([{**one, "enabled": True, "sample": 1.0} for one in raw])
    panel = Panel(sentinels, judge)
    given = [_read(one, place) for place, one in enumerate(answers)]
    until = asyncio.get_running_loop().time() + PATIENCE
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(place: int, labelled: Labelled) -> tuple[Verdict, ...]:
        subject = labelled.subject(f"tryout-{place}", model)
        async with gate:
            return (*await panel.look(subject), *await panel.slow(subject, ask, until))

    found = await asyncio.gather(*(one(place, labelled) for place, labelled in enumerate(given)))
    return {
        "answers": [
            {"answer": place, "results": [verdict_json(verdict) for verdict in verdicts]}
            for place, verdicts in enumerate(found)
        ],
        "scores": [_score(sentinel, answers, given, found) for sentinel in sentinels],
        "cost_usd": cost_of(verdict for verdicts in found for verdict in verdicts),
    }


def _score(
    sentinel: Sentinel,
    answers: Sequence[Mapping[str, Any]],
    given: Sequence[Labelled],
    found: Sequence[tuple[Verdict, ...]],
) -> dict[str, Any]:
    judged = [
        (labelled, verdict)
        for raw, labelled, verdicts in zip(answers, given, found, strict=True)
        for verdict in verdicts
        if verdict.sentinel == sentinel.name
        and raw.get("status") is not None
        and labelled.sentinel in (None, sentinel.name)
    ]
    return score_json(score(sentinel.name, sentinel.kind, judged))


def _read(raw: Mapping[str, Any], place: int) -> Labelled:
    try:
        return msgspec.convert({"status": NA, **{k: v for k, v in raw.items() if v is not None}}, Labelled)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        param = f"answers[{place}]{where.rstrip('`')}"
        raise BadRequest(f"`{param}` is not right: {reason[:1].lower()}{reason[1:]}.", param=param) from None

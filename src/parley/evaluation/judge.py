"""The kind `llm`: asks a model for a verdict. What goes wrong on the way is ERROR with the reason, never PASS."""

import asyncio
import logging
import time
from typing import Any

from msgspec import structs

from parley.core.asks import Chat
from parley.core.errors import CallerError, GatewayError, UpstreamRefused
from parley.evaluation.judge_answer import NoVerdict, read_answer
from parley.evaluation.judge_prompt import MOST_JUDGED, question, version_of
from parley.evaluation.ports import Asked, Asker
from parley.evaluation.sentinel import Sentinel
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import ERROR, Status, Verdict

log = logging.getLogger(__name__)

SPARED = ("logprobs", "temperature", "response_format")
"""What a judge can do without where its provider refuses it."""

MOST_REMEMBERED = 1000


class Judges:
    """Asks judges; remembers which parameters their providers do not take."""

    def __init__(self) -> None:
        self._without: dict[str, frozenset[str]] = {}

    async def verdict(self, sentinel: Sentinel, subject: Subject, model: str, ask: Asker, deadline: float) -> Verdict:
        """The verdict of one sentinel, before `deadline` (event-loop time). Raises nothing but CancelledError."""
        began = time.perf_counter()
        if len(subject.text) > MOST_JUDGED:
            reason = f"The answer has {len(subject.text)} characters; a judge is given {MOST_JUDGED} at most."
            return _failed(sentinel, subject, model, began, reason)
        if not model:
            return _failed(sentinel, subject, model, began, "There is no judge: set `judge` on the sentinel.")
        try:
            async with asyncio.timeout_at(deadline):
                asked = await self._ask(question(sentinel, subject, model), ask, deadline)
        except TimeoutError:
            return _failed(sentinel, subject, model, began, f"The judge {model} did not answer in time.")
        except GatewayError as error:
            return _failed(sentinel, subject, model, began, f"The judge {model} could not be asked: {error.message}")
        except Exception as error:  # whatever it is, an answer is never held up, or let through, by a fault in here
            log.exception("the judge %s could not be asked", model)
            return _failed(sentinel, subject, model, began, f"The judge {model} could not be asked: {error!r}.")
        return _read(sentinel, subject, asked, began)

    async def _ask(self, chat: Chat, ask: Asker, deadline: float) -> Asked:
        """Asks; what a provider refuses by name is left out from then on."""
        model = chat.model or ""
        while True:
            without = self._without.get(model, frozenset())
            fields: dict[str, Any] = dict.fromkeys(without)
            try:
                return await ask(structs.replace(chat, **fields), "judge", deadline)
            except (CallerError, UpstreamRefused) as error:
                refused = _refused(error, without)
                if refused is None:
                    raise
                if len(self._without) >= MOST_REMEMBERED:
                    self._without.clear()
                self._without[model] = without | {refused}


def _refused(error: GatewayError, without: frozenset[str]) -> str | None:
    """The parameter that a provider does not take, if the judge can do without and it was sent."""
    if error.status not in (400, 404, 422):
        return None
    named = (error.param or "").partition(".")[0]
    if named not in SPARED:
        named = next((name for name in SPARED if name in error.message), "")
    return named if named and named not in without else None


def _read(sentinel: Sentinel, subject: Subject, asked: Asked, began: float) -> Verdict:
    reply = asked.reply
    paid = {"usage": reply.usage, "cost_usd": asked.cost_usd}
    if not reply.choices:
        return _failed(sentinel, subject, asked.model, began, "The judge answered nothing.", **paid)
    try:
        judged = read_answer(reply.choices[0], sentinel.name, subject.text)
    except NoVerdict as reason:
        return _failed(sentinel, subject, asked.model, began, str(reason), **paid)
    return structs.replace(
        _verdict(sentinel, subject, asked.model, began, judged.status, judged.explanation, **paid),
        confidence=judged.confidence,
        correction=judged.correction,
    )


def _failed(sentinel: Sentinel, subject: Subject, model: str, began: float, reason: str, **paid: Any) -> Verdict:
    return structs.replace(_verdict(sentinel, subject, model, began, ERROR, reason, **paid), confidence=0.0)


def _verdict(
    sentinel: Sentinel, subject: Subject, model: str, began: float, status: Status, description: str, **paid: Any
) -> Verdict:
    return Verdict(
        sentinel=sentinel.name,
        kind=sentinel.kind,
        status=status,
        description=description,
        severity=sentinel.severity,
        choice=subject.choice,
        ms=(time.perf_counter() - began) * 1000,
        judge=model or None,
        prompt_version=version_of(sentinel),
        **paid,
    )

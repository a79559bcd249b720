"""Upstreams that play three parts at once: the model that answers, the judge of its answer, and who corrects it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.flow.asking import get
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, event, piece, pieces, said
from tests.scripted import Seen, Visit, chunk, json_answer

SETTLES = 10.0
WORDS = '{name = "no promises", kind = "excludes", words = ["promise"], severity = "warning"}'
TONE = '{name = "tone", directive = "Be polite.", severity = "error"}'
JUDGED = f"""
[models.other]
provider = "stage"
upstream = "other-model"
[applications.shop.intents.words]
sentinels = [{WORDS}]
[applications.shop.intents.tone]
sentinels = [{TONE}]
[applications.shop.intents.both]
sentinels = [{WORDS}, {TONE}]
[applications.shop.intents.hasty]
evaluation_budget = 0.2
sentinels = [{TONE}]
[applications.shop.intents.patient]
evaluation_budget = 60
sentinels = [{TONE}]
[applications.shop.intents.refusing]
on_fault = {{action = "refuse", text = "Ask our staff."}}
sentinels = [{TONE}]
[applications.shop.intents.replaced]
on_fault = {{action = "fallback", model = "other"}}
sentinels = [{TONE}]
[applications.shop.intents.json]
sentinels = [{{name = "json", kind = "json"}}]
[applications.shop.intents."pattern hasty"]
evaluation_budget = 0.2
sentinels = [{{name = "no prices", kind = "never_matches", pattern = "[0-9]+ EUR", correction = "Name no price."}}]
[applications.shop.intents.pattern]
sentinels = [{{name = "no prices", kind = "never_matches", pattern = "[0-9]+ EUR", correction = "Name no price."}}]
"""

Part = dict[str, Any]


def is_judge(asked: Part) -> bool:
    """Whether a verdict is asked for."""
    return bool(asked.get("response_format", {}).get("json_schema", {}).get("name") == "verdict")


def is_correction(asked: Part) -> bool:
    """Whether a better answer is asked for."""
    last = asked["messages"][-1].get("content")
    return isinstance(last, str) and last.startswith(("Your last answer", "Your last message"))


def verdict(asked: Part, status: str = "PASS", **more: Any) -> bytes:
    """A judge's answer."""
    name = asked["response_format"]["json_schema"]["schema"]["properties"]["sentinel"]["enum"][0]
    found = {"sentinel": name, "explanation": "Because.", "verdict": status, "confidence": 90, "correction": None}
    return json_answer(said(json.dumps({**found, **more})))


@dataclass
class Bench:
    """What each part says; `seen` keeps what each was asked. `judge` says the status of what it is shown."""

    answer: Sequence[str] | dict[str, Any] = ("Good day.",)
    corrections: list[str] = field(default_factory=list)
    judge: Callable[[str], str] = lambda shown: "PASS"
    judge_takes: float = 0.0
    correction_takes: float = 0.0
    cut: bool = False  # the answer's stream breaks off before its end
    gap: float = 0.0
    by_model: dict[str, str] = field(default_factory=dict)  # what other models say, whatever they are asked
    asked: list[Part] = field(default_factory=list)
    judged: list[Part] = field(default_factory=list)
    corrected: list[Part] = field(default_factory=list)
    left: int = 0  # judges and correctors whose client went away

    async def __call__(self, visit: Visit) -> None:
        """The script."""
        while True:
            await self._answer(visit, await visit.request())

    async def _answer(self, visit: Visit, seen: Seen) -> None:
        asked = seen.json
        if is_judge(asked):
            self.judged.append(asked)
            await self._wait(visit, self.judge_takes)
            await visit.send(verdict(asked, self.judge(asked["messages"][-1]["content"])))
        elif is_correction(asked):
            self.corrected.append(asked)
            await self._wait(visit, self.correction_takes)
            await visit.send(json_answer(said(self.corrections.pop(0) if self.corrections else "Good day.")))
        else:
            self.asked.append(asked)
            other = self.by_model.get(asked["model"])
            if other is not None:
                await visit.send(json_answer(said(other)))
            else:
                await self._say(visit, bool(asked.get("stream")))

    async def _wait(self, visit: Visit, seconds: float) -> None:
        try:
            await visit.wait(seconds)
        except Exception:
            self.left += 1
            raise

    async def _say(self, visit: Visit, stream: bool) -> None:
        if isinstance(self.answer, dict):
            await visit.send(json_answer(self.answer))
        elif not stream:
            await visit.send(json_answer(said("".join(self.answer))))
        else:
            texts = [event(one) for one in pieces(*self.answer)]
            await visit.send(STREAM_HEAD, *(texts[:-2] if self.cut else texts), gap=self.gap)
            if self.cut:
                await visit.cut()
            else:
                await visit.send(event("[DONE]"), chunk(b""))


async def evaluation(gateway: Gateway, id: str) -> Any:
    """The evaluation of a request, once it is there."""
    async with asyncio.timeout(SETTLES):
        while True:
            found = (await get(gateway, f"/api/evaluations/{id}?wait=5")).json
            if found.get("status") not in (None, "PENDING"):
                return found


def tool_piece(arguments: str, finish: str | None = None) -> dict[str, Any]:
    """A chunk with a whole tool call."""
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return piece({"tool_calls": [call]}, finish)

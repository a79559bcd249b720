"""Answers that people labelled, and how well a sentinel's verdicts agree with them.

One JSON object a line: `answer` and `status` (PASS, FAULT or NA) are what counts; `sentinel` names the one that the
label is meant for, else it is meant for all. What was asked may stand there as `input` or `messages`, and beside it
`context`, `tools`, `tool_calls`, `schema` and `finish`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from parley.core.asks import Chat, Json, Message
from parley.core.reading import complaint
from parley.core.reply import ToolCall
from parley.evaluation.keys import Label
from parley.evaluation.subject import Subject
from parley.evaluation.verdict import ERROR, FAULT, Verdict, cost_of


class Called(Struct, frozen=True, kw_only=True):
    """A tool call of a labelled answer; `arguments` as JSON or as text."""

    name: str
    arguments: Json = "{}"


class Labelled(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One labelled answer."""

    answer: str
    status: Label
    sentinel: str | None = None
    input: str | None = None
    messages: list[Message] | None = None
    context: str = ""
    tools: list[dict[str, Json]] | None = None
    tool_calls: tuple[Called, ...] = ()
    schema: dict[str, Json] | None = None
    finish: str = "stop"
    reason: str | None = None

    def subject(self, id: str, model: str) -> Subject:
        """The answer as sentinels see it; `id` stands for the request, `model` for who answered."""
        asked = self.messages or [{"role": "user", "content": self.input or ""}]
        wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": self.schema}}
        return Subject(
            id=id,
            chat=Chat(messages=asked, tools=self.tools, response_format=wanted if self.schema is not None else None),
            text=self.answer,
            tools=tuple(_tool(place, call) for place, call in enumerate(self.tool_calls)),
            finish=self.finish,
            context=self.context,
            model=model,
        )


def _tool(place: int, call: Called) -> ToolCall:
    given = call.arguments
    text = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    return ToolCall(id=f"call_{place}", name=call.name, arguments=text)


class Score(Struct, frozen=True, kw_only=True):
    """How one sentinel did: its verdicts beside the labels. FAULT is what it is there to find.

    `missed` faults passed, `false_alarms` were none; `errors` are answers that it could not judge, which count as
    missed where the label is FAULT. `ms` is the time of all verdicts together.
    """

    sentinel: str
    kind: str
    answers: int
    found: int
    missed: int
    false_alarms: int
    errors: int
    ms: float
    cost_usd: float | None

    @property
    def precision(self) -> float | None:
        """The part of its faults that are faults; None where it found none."""
        said = self.found + self.false_alarms
        return self.found / said if said else None

    @property
    def recall(self) -> float | None:
        """The part of the faults that it found; None where there are none."""
        there = self.found + self.missed
        return self.found / there if there else None


def read_labelled(lines: Iterable[bytes]) -> list[Labelled]:
    """The answers of a file. Raises ValueError with the number of the line and what is wrong in it."""
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Labelled))
        except msgspec.ValidationError as error:
            raise ValueError(f"line {number}: {complaint(str(error)).message}") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ValueError(f"line {number} is not a JSON object.") from None
    return found


def score(sentinel: str, kind: str, judged: Sequence[tuple[Labelled, Verdict]]) -> Score:
    """What one sentinel's verdicts amount to."""
    faults = [(labelled.status == FAULT, verdict.status == FAULT) for labelled, verdict in judged]
    return Score(
        sentinel=sentinel,
        kind=kind,
        answers=len(judged),
        found=faults.count((True, True)),
        missed=faults.count((True, False)),
        false_alarms=faults.count((False, True)),
        errors=sum(1 for _, verdict in judged if verdict.status == ERROR),
        ms=sum(verdict.ms for _, verdict in judged),
        cost_usd=cost_of(verdict for _, verdict in judged),
    )


def score_json(one: Score) -> dict[str, Any]:
    """A score as programs read it."""
    return {**msgspec.structs.asdict(one), "precision": one.precision, "recall": one.recall}

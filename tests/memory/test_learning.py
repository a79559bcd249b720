"""What a job does when the model answers, lies or is away."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from msgspec import structs

from parley.core.asks import Chat
from parley.core.call import Whose
from parley.core.enclosures import Job, MemoryRow, Span
from parley.core.errors import GatewayError, UpstreamGarbled, UpstreamRefused, UpstreamUnreachable
from parley.memory.learning import PAUSES, TRIES, Learning, Owed, _owed
from parley.memory.names import UserName

OWED = Owed(
    account="acme",
    application="app",
    user_id="ann",
    intent="default",
    session_id="s",
    request="req_1",
    trace_id="trc_1",
    at=1.0,
    said="I live in Lyon, as you may know.",
)


def job(owed: Owed = OWED, **changes: Any) -> Job:
    made = Job(id="memory:req_1", kind="memory", created=1.0, due=1.0, lane="l", payload=msgspec.json.encode(owed))
    return structs.replace(made, tries=1, **changes)


class Said:
    """A model's answer."""

    model, provider, usage, cost_usd, ms = "m", "p", None, 0.25, 3.0

    def __init__(self, text: str) -> None:
        self.text = text


class Model:
    """A model that says what it is told to."""

    embedder: str | None = None

    def __init__(self, answer: str | GatewayError) -> None:
        self._answer = answer
        self.asked: list[Chat] = []

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Said:
        """The answer."""
        self.asked.append(chat)
        if isinstance(self._answer, GatewayError):
            raise self._answer
        return Said(self._answer)

    async def embed(self, texts: Sequence[str], deadline: float | None = None) -> list[list[float]]:
        """Nothing is embedded here."""
        raise AssertionError


class Store:
    """Memories of one person in a list."""

    def __init__(self) -> None:
        self.rows: list[MemoryRow] = []

    async def current(self, user: UserName, most: int) -> list[MemoryRow]:
        """All of them."""
        return self.rows


FOUND = json.dumps({"facts": [{"attribute": "home", "value": "Lyon", "statement": "S.", "quote": "I live in Lyon"}]})


def learning(answer: str | GatewayError) -> tuple[Learning, list[UserName]]:
    begun: list[UserName] = []
    return Learning(Store(), Model(answer), None, "m", begun.append), begun  # type: ignore[arg-type]


async def test_a_job_comes_to_rows_that_name_their_request() -> None:
    room, begun = learning(FOUND)
    row, span = await room.learn(job())
    assert isinstance(row, MemoryRow) and isinstance(span, Span)
    assert (span.trace_id, span.request_id, span.cost_usd) == ("trc_1", "req_1", 0.25)
    assert (row.id, row.value, row.source, row.created) == ("req_1:0", "Lyon", "req_1", 1.0)
    assert begun == [UserName("acme", "app", "ann")]


async def test_a_model_that_is_away_at_the_last_try_is_asked_again_later() -> None:
    room, _ = learning(UpstreamUnreachable("Nobody is there."))
    with pytest.raises(UpstreamUnreachable):
        await room.learn(job())
    (later,) = await room.learn(structs.replace(job(), tries=TRIES))
    assert isinstance(later, Job)
    assert (later.id, later.tries, later.lane, later.state) == ("memory:req_1+1", 0, "l", "waiting")
    assert later.due > 1000 and _owed.decode(later.payload).put_off == 1


@pytest.mark.parametrize("error", [UpstreamGarbled("No JSON."), UpstreamRefused("No such model.", status=404)])
async def test_what_waiting_does_not_mend_fails(error: GatewayError) -> None:
    room, _ = learning(error)
    if error.status >= 500:
        room, _ = learning("no json at all")
    with pytest.raises(GatewayError):
        await room.learn(structs.replace(job(), tries=TRIES))


async def test_nobody_asks_for_ever() -> None:
    room, _ = learning(UpstreamUnreachable("Nobody is there."))
    last = structs.replace(OWED, put_off=len(PAUSES))
    with pytest.raises(UpstreamUnreachable):
        await room.learn(structs.replace(job(last), tries=TRIES))


class Choosy(Model):
    """A model that refuses fields, one after the other."""

    async def chat(self, chat: Chat, whose: Whose, purpose: str, deadline: float | None = None) -> Said:
        """The answer to a chat without them."""
        self.asked.append(chat)
        if chat.temperature is not None:
            raise UpstreamRefused("Unsupported value: 'temperature' does not support 0.", status=400)
        if chat.max_tokens is not None:
            raise UpstreamRefused("Use 'max_completion_tokens'.", status=400, param="max_tokens")
        if chat.response_format is not None:
            raise UpstreamRefused("json_schema is not supported.", status=400)
        return Said(FOUND)


async def test_what_a_model_refuses_by_name_is_left_out_from_then_on() -> None:
    model = Choosy("")
    room = Learning(Store(), model, None, "m", [].append)  # type: ignore[arg-type]
    assert len(await room.learn(job())) == 2
    assert [(one.temperature, one.max_tokens, one.response_format is None) for one in model.asked][-1] == (
        None,
        None,
        True,
    )
    assert model.asked[-1].max_completion_tokens
    tries = len(model.asked)
    await room.learn(job())
    assert len(model.asked) == tries + 1

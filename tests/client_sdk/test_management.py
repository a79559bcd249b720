"""Feedback, documents, sessions, memories and evaluations, with an application's own key, by both clients."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from parley_client import AsyncParley, Parley
from tests.flow.asking import ask
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage, said
from tests.scripted import json_answer

HELLO: Any = [{"role": "user", "content": "Hello?"}]
SETTLES = 10.0


@pytest.fixture
async def key(gateway: Gateway) -> str:
    """An application's key."""
    made = await ask(gateway, {"name": "app", "scopes": ["inference"], "account": "acme"}, "/api/keys")
    found: str = made.json["key"]
    return found


@pytest.fixture
async def own(gateway: Gateway, key: str) -> AsyncIterator[AsyncParley]:
    """The client of the application."""
    async with AsyncParley(base_url=gateway.url, api_key=key, max_retries=0, timeout=20) as made:
        yield made


@pytest.fixture
def own_plain(gateway: Gateway, key: str) -> Iterator[Parley]:
    """The synchronous one."""
    with Parley(base_url=gateway.url, api_key=key, max_retries=0, timeout=20) as made:
        yield made


async def test_feedback_on_a_request_is_given_and_listed(own: AsyncParley, stage: Stage) -> None:
    async with stage.says(WHOLE):
        answer = await own.chat.completions.create(messages=HELLO, application="support", session_id="f-1")
    given = await own.feedback.give(
        request_id=answer.request_id, score=-2, text="Too short.", corrected="Good day, dear."
    )
    assert (given.request_id, given.score, given.text, given.account) == (answer.request_id, -2, "Too short.", "acme")
    listed = await own.feedback.list(request_id=answer.request_id)
    assert [one.id for one in listed.data] == [given.id]
    with pytest.raises(openai.BadRequestError):
        await own.feedback.give(request_id=answer.request_id)
    with pytest.raises(openai.NotFoundError):
        await own.feedback.give(request_id="req_nobody", score=1)


async def test_a_session_has_its_turns_with_what_was_thought_of_them(own: AsyncParley, stage: Stage) -> None:
    async with stage.says(WHOLE):
        for _ in range(2):
            answer = await own.chat.completions.create(
                messages=HELLO, application="support", intent="REFUND", session_id="s 1 ü", user_id="u"
            )
    await own.feedback.give(request_id=answer.request_id, score=5)
    timeline = await own.sessions.get("s 1 ü", application="support")
    assert (timeline.requests, len(timeline.turns), timeline.user_ids) == (2, 2, ["u"])
    assert timeline.turns[1].messages == HELLO
    assert timeline.turns[1].feedback[0].score == 5
    assert [one.session_id for one in (await own.sessions.list(application="support", user_id="u")).data] == ["s 1 ü"]
    assert (await own.sessions.delete("s 1 ü", application="support")).removed > 0
    with pytest.raises(openai.NotFoundError):
        await own.sessions.get("s 1 ü", application="support")


async def test_documents_are_brought_found_and_removed(own: AsyncParley, tmp_path: Path) -> None:
    file = tmp_path / "returns.md"
    file.write_text("# Returns\n\nGoods go back within fourteen days.\n")
    brought = await own.context.put("returns", file=file, application="docs", description="how to return goods")
    assert (brought.reference, brought.application, brought.description) == ("returns", "docs", "how to return goods")
    text = await own.context.put(
        "hours", text="The shop opens at nine o'clock on weekdays.", application="docs", metadata={"by": "Ann"}
    )
    assert text.metadata == {"by": "Ann"}
    async with asyncio.timeout(SETTLES):
        while not (await own.context.get("returns", application="docs")).answers:
            await asyncio.sleep(0.02)
    assert [one.reference for one in (await own.context.list(application="docs")).data] == ["hours", "returns"]
    found = await own.context.search("Within how many days do goods go back?", application="docs")
    assert found.data[0].reference == "returns"
    assert (await own.context.delete("returns", application="docs")).chunks == brought.chunks
    assert [one.reference for one in (await own.context.list(application="docs")).data] == ["hours"]
    with pytest.raises(ValueError, match="`text`"):
        await own.context.put("x")


async def test_memories_are_told_listed_and_forgotten(own: AsyncParley) -> None:
    told = await own.memories.add("u-1", "Lives in Bern.", application="support", attribute="home city", value="Bern")
    later = await own.memories.add("u-1", "Lives in Ulm.", application="support", attribute="home city", value="Ulm")
    known = await own.memories.list("u-1", application="support")
    assert [one.id for one in known.data] == [later.id]
    assert len((await own.memories.list("u-1", application="support", history=True)).data) == 2
    assert told.user_id == "u-1"
    other = await own.memories.add("u-1", "Likes tea.", application="support")
    assert (await own.memories.delete(other.id)).removed == 1
    assert (await own.memories.forget("u-1", application="support")).removed > 0
    assert (await own.memories.list("u-1", application="support")).data == []


async def test_an_evaluation_is_waited_for_and_listed(own: AsyncParley, stage: Stage) -> None:
    async with stage.says(json_answer(said("We guarantee it."))):
        answer = await own.chat.completions.create(messages=HELLO, application="support", intent="REFUND")
        plain = await own.chat.completions.create(messages=HELLO, application="support")
    assert answer.request_id is not None
    assert plain.request_id is not None
    evaluation = await own.evaluations.get(answer.request_id, wait=10)
    assert evaluation.status == "FAULT"
    assert [fault.name for fault in evaluation.faults] == ["no promises"]
    assert (await own.evaluations.get(plain.request_id)).status == "NA"
    listed = await own.evaluations.list(application="support", status="FAULT")
    assert answer.request_id in [one.request_id for one in listed.data]


async def test_the_synchronous_client_has_them_all(own_plain: Parley, stage: Stage) -> None:
    def talk() -> list[Any]:
        answer = own_plain.chat.completions.create(messages=HELLO, application="plain", model="m", session_id="p-1")
        return [
            own_plain.feedback.give(request_id=answer.request_id, score=1).score,
            own_plain.sessions.get("p-1", application="plain").requests,
            own_plain.context.put("a", text="Some words.", application="plain").reference,
            own_plain.memories.add("u", "Likes tea.", application="plain").text,
            own_plain.evaluations.get(answer.request_id or "").status,
        ]

    async with stage.says(WHOLE):
        assert await asyncio.to_thread(talk) == [1, 1, "a", "Likes tea.", "NA"]


async def test_a_key_sees_the_documents_of_no_other_account(gateway: Gateway, key: str) -> None:
    for method, path in (("GET", "/api/documents"), ("GET", "/api/documents/x"), ("DELETE", "/api/documents/x")):
        refused = await ask(gateway, None, f"{path}?account=other", method=method, key=key)
        assert refused.status == 403, path
    body = {"reference": "x", "text": "x", "account": "other"}
    assert (await ask(gateway, body, "/api/documents", key=key)).status == 403
    assert (await ask(gateway, {"query": "x", "account": "other"}, "/api/documents/search", key=key)).status == 403

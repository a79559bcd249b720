"""Instructions, windows and assistants, over sockets."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Line, ask, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM, STREAM_HEAD, WHOLE, Stage, event, piece, said
from tests.scripted import Visit, json_answer

USER = {"role": "user", "content": "Hello?"}


def asking(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [USER], **more}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


async def echo(visit: Visit) -> None:
    """Says how many messages it was sent, and the last of them."""
    while True:
        messages = (await visit.request()).json["messages"]
        await visit.send(json_answer(said(f"{len(messages)}: {messages[-1]['content']}")))


async def test_instructions_become_the_system_message(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE) as upstream:
        await ask(gateway, asking(instructions="Rhyme."))
        await ask(gateway, asking({"role": "system", "content": "Be brief."}, USER, instructions="Rhyme."))
    seen = [request.json["messages"] for request in upstream.requests]
    assert seen[0] == [{"role": "system", "content": "Rhyme."}, USER]
    assert seen[1] == [{"role": "system", "content": "Rhyme.\n\nBe brief."}, USER]
    assert "instructions" not in upstream.requests[0].json


async def test_only_the_last_k_go_to_the_model(gateway: Gateway, stage: Stage) -> None:
    talk = [{"role": "system", "content": "S"}, *(user(str(n)) for n in range(6))]
    async with stage.says(WHOLE) as upstream:
        given = await ask(gateway, asking(*talk, memory_strategy={"name": "last_k", "params": {"k": 2}}))
    assert given.status == 200
    assert upstream.requests[0].json["messages"] == [talk[0], *talk[-2:]]
    assert "memory_strategy" not in upstream.requests[0].json


@pytest.mark.parametrize(
    ("strategy", "param"),
    [
        ({"name": "last_k", "params": {"k": 0}}, "memory_strategy.params.k"),
        ({"name": "forget"}, "memory_strategy.name"),
    ],
)
async def test_a_strategy_that_is_none_is_refused(gateway: Gateway, strategy: dict[str, Any], param: str) -> None:
    given = await ask(gateway, asking(memory_strategy=strategy))
    assert (given.status, given.json["error"]["param"]) == (400, param)


async def test_an_assistant_has_the_history_of_its_session(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "application": "desk", "session_id": "s1"}
    async with stage.plays(echo) as upstream:
        first = await ask(gateway, asking(user("one"), **more))
        await ask(gateway, asking(user("two"), **{**more, "session_id": "s2"}))
        second = await ask(gateway, asking({"role": "system", "content": "S"}, user("three"), **more))
    assert first.json["choices"][0]["message"]["content"] == "1: one"
    assert second.json["choices"][0]["message"]["content"] == "4: three"
    answered = {"role": "assistant", "content": "1: one"}
    assert upstream.requests[-1].json["messages"] == [
        {"role": "system", "content": "S"},
        user("one"),
        answered,
        user("three"),
    ]


async def test_an_assistants_stream_is_a_turn_too(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "streamed"}
    async with stage.says(STREAM):
        assert (await ask(gateway, asking(user("one"), stream=True, **more))).done
    async with stage.says(WHOLE) as upstream:
        await ask(gateway, asking(user("two"), **more))
    assert upstream.requests[0].json["messages"][1] == {"role": "assistant", "content": "Good day."}


@pytest.mark.parametrize(
    "messages",
    [
        [user("one"), user("two")],
        [user("one"), {"role": "assistant", "content": "two"}],
        [{"role": "system", "content": "S"}],
        [user("one"), {"role": "tool", "tool_call_id": "a", "content": "x"}],
    ],
)
async def test_an_assistant_is_sent_one_user_message(gateway: Gateway, messages: list[dict[str, Any]]) -> None:
    given = await ask(gateway, asking(*messages, assistant=True, session_id="one"))
    assert (given.status, given.json["error"]["param"]) == (400, "messages")


async def test_calls_of_one_session_at_once_are_turns_one_after_the_other(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "crowd"}
    async with stage.plays(echo) as upstream:
        await asyncio.gather(*(ask(gateway, asking(user(f"q{n}"), **more)) for n in range(20)))
    sizes = [len(request.json["messages"]) for visit in upstream.visits for request in visit.requests]
    assert sorted(sizes) == list(range(1, 40, 2))
    longest = max((r.json["messages"] for v in upstream.visits for r in v.requests), key=len)
    assert len({message["content"] for message in longest if message["role"] == "user"}) == 20


async def test_a_failed_turn_is_none_and_lets_the_next_go_on(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "faulty"}
    async with stage.says(json_answer({"error": {"message": "No."}}, 400)):
        assert (await ask(gateway, asking(user("one"), **more))).status == 400
    async with stage.says(WHOLE) as upstream:
        assert (await ask(gateway, asking(user("two"), **more))).status == 200
    assert upstream.requests[0].json["messages"] == [user("two")]


async def test_a_turn_that_is_not_to_be_logged_is_not_remembered(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "private"}
    async with stage.says(WHOLE) as upstream:
        await ask(gateway, asking(user("one"), **more))
        await ask(gateway, asking(user("secret"), log_prompt=False, **more))
        await ask(gateway, asking(user("three"), **more))
    seen = [request.json["messages"] for request in upstream.requests]
    assert [message["content"] for message in seen[1]] == ["one", "Good day.", "secret"]
    assert [message["content"] for message in seen[2]] == ["one", "Good day.", "three"]


async def test_a_window_cuts_an_assistants_history(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "cut", "memory_strategy": {"name": "last_k", "params": {"k": 3}}}
    async with stage.says(WHOLE) as upstream:
        for n in range(4):
            await ask(gateway, asking(user(str(n)), **more))
    seen = upstream.requests[-1].json["messages"]
    assert [message["content"] for message in seen] == ["2", "Good day.", "3"]


async def test_another_account_has_other_sessions(gateway: Gateway, stage: Stage) -> None:
    body = {"name": "b", "scopes": ["inference"], "account": "other"}
    key = (await ask(gateway, body, "/api/keys")).json["key"]
    more = {"assistant": True, "application": "desk", "session_id": "shared"}
    async with stage.says(WHOLE) as upstream:
        await ask(gateway, asking(user("of the first"), **more))
        await ask(gateway, asking(user("of the second"), **more), key=key)
        await ask(gateway, asking(user("elsewhere"), **{**more, "application": "other"}))
    assert [len(request.json["messages"]) for request in upstream.requests] == [1, 1, 1]


async def summing(visit: Visit) -> None:
    """Sums up what it is asked to, and answers the rest."""
    while True:
        messages = (await visit.request()).json["messages"]
        summary = "running summary" in str(messages[0]["content"])
        await visit.send(json_answer(said(f"SUMMARY {len(messages[1]['content'])}" if summary else "Good day.")))


async def test_older_turns_are_summed_up_once(gateway: Gateway, stage: Stage) -> None:
    strategy = {"name": "summary", "params": {"keep": 2, "max_tokens": 100}}
    more = {"session_id": "summed", "memory_strategy": strategy}
    talk = [{"role": "system", "content": "S"}, *(user(f"message {n}") for n in range(5))]
    async with stage.plays(summing) as upstream:
        await ask(gateway, asking(*talk, **more))
        await ask(gateway, asking(*talk, **more))
        await ask(gateway, asking(*talk, user("message 5"), **more))
        seen = [request.json["messages"] for visit in upstream.visits for request in visit.requests]
    summaries = [messages for messages in seen if "running summary" in str(messages[0]["content"])]
    asked = [messages for messages in seen if messages not in summaries]
    assert len(summaries) == 2
    assert "message 2" in summaries[0][1]["content"] and "message 3" not in summaries[0][1]["content"]
    assert "SUMMARY" in summaries[1][1]["content"] and "message 2" not in summaries[1][1]["content"]
    assert "message 3" in summaries[1][1]["content"]
    assert [message["content"] for message in asked[0][1:]] == ["message 3", "message 4"]
    assert asked[0][0]["content"].startswith("S\n\n<conversation_summary>") and "SUMMARY" in asked[0][0]["content"]
    assert asked[0] == asked[1]
    assert [message["content"] for message in asked[2][1:]] == ["message 4", "message 5"]


async def test_a_summary_that_can_not_be_had_leaves_the_conversation_whole(gateway: Gateway, stage: Stage) -> None:
    async def failing(visit: Visit) -> None:
        while True:
            messages = (await visit.request()).json["messages"]
            summary = "running summary" in str(messages[0]["content"])
            await visit.send(json_answer({"error": {"message": "No."}}, 400) if summary else WHOLE)

    talk = [user(f"message {n}") for n in range(5)]
    async with stage.plays(failing) as upstream:
        strategy = {"name": "summary", "params": {"keep": 2}}
        given = await ask(gateway, asking(*talk, session_id="unsummed", memory_strategy=strategy))
    assert given.status == 200
    assert upstream.visits[0].requests[-1].json["messages"] == talk


@pytest.fixture(scope="module")
def quiet(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that keeps no content in its ledger."""
    with Gateway(tmp_path_factory.mktemp("quiet"), config(stage, more="[store]\ncontent = false")) as made:
        yield made


async def test_an_assistant_remembers_where_the_ledger_keeps_no_content(quiet: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "s"}
    async with stage.says(WHOLE) as upstream:
        for text in ("one", "two"):
            await ask(quiet, asking(user(text), **more))
    assert [message["content"] for message in upstream.requests[-1].json["messages"]] == ["one", "Good day.", "two"]
    assert quiet.rows()[0]["messages"] is None


async def test_an_assistant_goes_on_after_the_process_was_killed(stage: Stage, tmp_path: Any) -> None:
    gateway = Gateway(tmp_path / "killed", config(stage))
    more = {"assistant": True, "session_id": "s"}
    with gateway:
        async with stage.says(WHOLE):
            await ask(gateway, asking(user("one"), **more))

        async def hanging(visit: Visit) -> None:
            await visit.request()
            asyncio.get_running_loop().call_later(0.1, gateway.kill)
            await visit.closed()

        async with stage.plays(hanging):
            with pytest.raises((AssertionError, OSError, EOFError, asyncio.IncompleteReadError)):
                await ask(gateway, asking(user("two"), **more))
        gateway.start()
        async with stage.says(WHOLE) as upstream:
            given = await ask(gateway, asking(user("three"), **more))
    assert given.status == 200
    assert [message["content"] for message in upstream.requests[0].json["messages"]] == ["one", "Good day.", "three"]


async def test_sessions_are_for_chats(gateway: Gateway) -> None:
    given = await ask(gateway, {"model": "m", "prompt": "x", "assistant": True}, "/v1/completions")
    assert (given.status, given.json["error"]["param"]) == (400, "assistant")
    assert (await get(gateway, "/health/ready")).status == 200


async def test_a_client_that_leaves_gives_its_turn_back(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True, "session_id": "left"}

    async def slow(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD + event(piece({"content": "Good "})))
        await visit.closed()

    async with stage.plays(slow), Line(gateway) as line:
        await line.post(asking(user("one"), stream=True, **more))
        await line.head()
        await line.piece()
    async with stage.says(WHOLE) as upstream:
        assert (await ask(gateway, asking(user("two"), **more))).status == 200
    assert upstream.requests[0].json["messages"] == [user("two")]


async def test_an_intent_may_settle_instructions_and_a_window(gateway: Gateway, stage: Stage) -> None:
    place = "/api/applications/windows/intents/I"
    wrong = await ask(gateway, {"memory_strategy": {"name": "last_k", "params": {"k": 0}}}, place, method="PUT")
    assert (wrong.status, wrong.json["error"]["param"]) == (400, "memory_strategy.params.k")
    settled = {"instructions": "Rhyme.", "memory_strategy": {"name": "last_k", "params": {"k": 1}}}
    assert (await ask(gateway, settled, place, method="PUT")).status in (200, 201)
    async with stage.says(WHOLE) as upstream:
        await ask(gateway, asking(user("one"), user("two"), application="windows", intent="I"))
    assert upstream.requests[0].json["messages"] == [{"role": "system", "content": "Rhyme."}, user("two")]

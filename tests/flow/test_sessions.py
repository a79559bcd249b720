"""Sessions over the management API: listed, told turn by turn, exported and removed."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.flow.asking import Answer, ask, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import WHOLE, Stage, said
from tests.scripted import Visit, json_answer


def asking(text: str, session: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": "m", "messages": messages, "session_id": session, "application": "talks", **more}


async def call(gateway: Gateway, method: str, path: str, key: str | None = None) -> Answer:
    return await ask(gateway, None, path, method=method, key=key)


async def test_a_session_is_told_turn_by_turn(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        first = await ask(gateway, asking("one", "told", user_id="ann"))
        await ask(gateway, asking("two", "told", assistant=True))
        await ask(gateway, asking("elsewhere", "another"))
    seen = (await get(gateway, "/api/sessions/told?application=talks")).json
    assert (seen["requests"], seen["prompt_tokens"], seen["completion_tokens"]) == (2, 14, 6)
    assert (seen["application"], seen["account"], seen["user_ids"], seen["next"]) == ("talks", "default", ["ann"], None)
    assert [turn["messages"][-1]["content"] for turn in seen["turns"]] == ["one", "two"]
    turn = seen["turns"][0]
    assert (turn["id"], turn["outcome"], turn["answer"]["content"]) == (first.id, "answered", "Good day.")
    assert turn["usage"]["total_tokens"] == 10 and turn["latency_ms"] > 0
    assert {"evaluation", "feedback", "cost_usd", "model"} <= turn.keys()


async def test_a_turn_shows_what_was_judged_and_thought_of_it(gateway: Gateway, stage: Stage) -> None:
    sentinels = [{"name": "no days", "kind": "excludes", "words": ["day"]}]
    config = {"model": "m", "sentinels": sentinels}
    put = await ask(gateway, config, "/api/applications/talks/intents/JUDGED", method="PUT")
    assert put.status in (200, 201), put.body
    async with stage.says(WHOLE):
        given = await ask(gateway, asking("one", "judged", intent="JUDGED", apply_corrections=False))
    told = await ask(gateway, {"request_id": given.id, "score": 5, "text": "Good."}, "/api/feedback")
    assert told.status == 201, told.body
    async with asyncio.timeout(10):
        while (turn := (await get(gateway, "/api/sessions/judged?application=talks")).json["turns"][0])[
            "evaluation"
        ] is None:
            await asyncio.sleep(0.05)
    assert (turn["evaluation"]["status"], turn["evaluation"]["faults"]) == ("FAULT", ["no days"])
    assert [(one["score"], one["text"]) for one in turn["feedback"]] == [(5, "Good.")]
    assert (await get(gateway, "/api/sessions/judged?application=talks")).json["faults"] == 1
    gone = (await call(gateway, "DELETE", "/api/sessions/judged?application=talks")).json
    assert (gone["evaluations"], gone["feedback"]) == (1, 1)


async def test_a_long_session_is_read_in_pages(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        for n in range(5):
            await ask(gateway, asking(str(n), "long"))
    said_in: list[str] = []
    after = ""
    while True:
        page = (await get(gateway, f"/api/sessions/long?application=talks&limit=2{after}")).json
        said_in += [turn["messages"][0]["content"] for turn in page["turns"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert said_in == ["0", "1", "2", "3", "4"]


async def test_sessions_are_listed_by_their_newest_request(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        for session, user in (("a", "ann"), ("b", "bob"), ("c", "ann"), ("a", "")):
            await ask(gateway, asking("x", f"listed-{session}", application="list", user_id=user))
    first = (await get(gateway, "/api/sessions?application=list&limit=2")).json
    assert [one["session_id"] for one in first["data"]] == ["listed-a", "listed-c"]
    assert first["data"][0]["requests"] == 2
    rest = (await get(gateway, f"/api/sessions?application=list&limit=2&after={first['next']}")).json
    assert ([one["session_id"] for one in rest["data"]], rest["next"]) == (["listed-b"], None)
    of_ann = (await get(gateway, "/api/sessions?application=list&user_id=ann")).json
    assert [one["session_id"] for one in of_ann["data"]] == ["listed-a", "listed-c"]


async def test_a_session_is_exported(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        for n in range(3):
            await ask(gateway, asking(str(n), "taken"))
    given = await get(gateway, "/api/sessions/taken/export?application=talks")
    lines = [json.loads(line) for line in given.body.decode().splitlines()]
    assert [line["messages"][0]["content"] for line in lines] == ["0", "1", "2"]


async def test_a_removed_session_is_gone_and_still_in_the_accounts(gateway: Gateway, stage: Stage) -> None:
    more = {"assistant": True}
    async with stage.says(WHOLE) as upstream:
        given = await ask(gateway, asking("a secret", "gone", **more))
        removed = await call(gateway, "DELETE", "/api/sessions/gone?application=talks")
        await ask(gateway, asking("and now?", "gone", **more))
    counts = removed.json
    assert (counts["requests"], counts["turns"]) == (1, 1)
    assert [message["content"] for message in upstream.requests[-1].json["messages"]] == ["and now?"]
    row = gateway.row(given.id)
    assert (row["messages"], row["answer"], row["session_id"], row["prompt_tokens"]) == (None, None, "", 7)
    assert (await get(gateway, "/api/sessions/gone?application=talks")).json["requests"] == 1


async def test_a_session_of_another_account_is_not_there(gateway: Gateway, stage: Stage) -> None:
    body = {"name": "b", "scopes": ["inference"], "account": "b"}
    key = (await ask(gateway, body, "/api/keys")).json["key"]
    async with stage.says(WHOLE):
        await ask(gateway, asking("mine", "private"))
    for method, path in (
        ("GET", "/api/sessions/private?application=talks"),
        ("GET", "/api/sessions/private/export?application=talks"),
        ("DELETE", "/api/sessions/private?application=talks"),
    ):
        assert (await call(gateway, method, path, key)).status == 404
        assert (await call(gateway, method, f"{path}&account=default", key)).status == 403
    assert (await call(gateway, "GET", "/api/sessions?application=talks", key)).json["data"] == []
    assert (await get(gateway, "/api/sessions/private?application=other")).status == 404
    async with stage.says(WHOLE):
        await ask(gateway, asking("of b", "private"), key=key)
    both = await get(gateway, "/api/sessions/private?application=talks")
    assert (both.status, both.json["error"]["param"]) == (400, "account")
    assert (await get(gateway, "/api/sessions/private?application=talks&account=b")).json["requests"] == 1


async def test_calls_of_one_session_in_several_workers_are_turns_too(stage: Stage, tmp_path: Path) -> None:
    async def echo(visit: Visit) -> None:
        while True:
            messages = (await visit.request()).json["messages"]
            await visit.send(json_answer(said(f"{len(messages)}")))

    with Gateway(tmp_path / "crowd", config(stage), arguments=("--workers", "2")) as gateway:
        async with stage.plays(echo) as upstream:
            asked = (asking(f"q{n}", "crowd", assistant=True) for n in range(16))
            given = await asyncio.gather(*(ask(gateway, one) for one in asked))
        sizes = sorted(len(r.json["messages"]) for visit in upstream.visits for r in visit.requests)
        assert [one.status for one in given] == [200] * 16
        assert sizes == list(range(1, 32, 2))

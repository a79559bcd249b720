"""What was answered once is answered again from the cache, to whom it belongs, and says so."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.asking import Answer, Line, ask, chat, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, Stage, both, event, piece, pieces, said
from tests.scripted import Visit, json_answer

CACHED = """
[applications.cached.defaults]
cache = { mode = "simple", max_age = 3600 }
[applications.other.defaults]
cache = { mode = "simple" }
[applications.acting.defaults]
cache = { mode = "simple", tool_calls = true }
[applications.judged.defaults]
cache = { mode = "simple" }
[[applications.judged.defaults.sentinels]]
name = "no promises"
kind = "excludes"
words = ["guarantee"]
"""
BUSY = 500
SOON = 10.0


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with applications whose answers are cached."""
    with Gateway(tmp_path_factory.mktemp("cached"), config(stage, more=CACHED)) as made:
        yield made


def asked(text: str, **more: Any) -> dict[str, Any]:
    """A chat of the application `cached`."""
    return chat(messages=[{"role": "user", "content": text}], application="cached", **more)


def status(answer: Answer) -> str:
    assert answer.headers["x-parley-cache"] == answer.headers["x-portkey-cache-status"]
    return answer.headers["x-parley-cache"]


async def make_key(gateway: Gateway, account: str) -> str:
    made = await ask(gateway, {"name": account, "scopes": ["inference"], "account": account}, "/api/keys")
    return str(made.json["key"])


async def test_an_equal_request_is_answered_from_the_cache_and_says_so(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        first = await ask(gateway, asked("equal"))
        second = await ask(gateway, asked("equal", session_id="another", stream=False, n=1, user="someone"))
    assert len(upstream.requests) == 1
    assert (status(first), status(second)) == ("MISS", "HIT")
    assert second.json["choices"] == first.json["choices"]
    assert second.json["usage"] == first.json["usage"]
    assert second.json["system_fingerprint"] == "cache"
    assert second.json["id"] == f"chatcmpl-{second.id}"
    assert second.headers["x-parley-cache-key"] == first.headers["x-parley-cache-key"]
    row = gateway.row(second.id)
    assert (row["cache"], row["cost_usd"], row["model"], row["provider"]) == ("HIT", 0.0, "m", "stage")
    assert row["prompt_tokens"] == 7


async def test_without_a_word_of_the_cache_there_is_none(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        answers = [await ask(gateway, chat()) for _ in range(2)]
    assert len(upstream.requests) == 2
    assert [status(answer) for answer in answers] == ["DISABLED", "DISABLED"]
    assert "x-parley-cache-key" not in answers[0].headers


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0.5},
        {"max_tokens": 9},
        {"unknown_to_parley": {"a": 1}},
        {"intent": "ELSE"},
        {"metadata": {"tenant": "b"}},
        {"response_format": {"type": "json_object"}},
        {"application": "other"},
        {"model": "open"},
    ],
)
async def test_what_may_change_the_answer_is_asked_anew(gateway: Gateway, stage: Stage, more: dict[str, Any]) -> None:
    async with stage.plays(both) as upstream:
        await ask(gateway, asked("varied"))
        before = len(upstream.requests)
        assert status(await ask(gateway, {**asked("varied"), **more})) == "MISS"
        assert len(upstream.requests) == before + 1


async def test_no_other_account_gets_an_answer(gateway: Gateway, stage: Stage) -> None:
    keys = [await make_key(gateway, account) for account in ("red", "blue")]
    async with stage.plays(both) as upstream:
        statuses = [
            status(await ask(gateway, asked("secret"), key=key, headers={"x-portkey-cache-namespace": "shared"}))
            for key in (*keys, *keys)
        ]
    assert statuses == ["MISS", "MISS", "HIT", "HIT"]
    assert len(upstream.requests) == 2


async def test_a_namespace_is_all_that_divides_where_it_is_given(gateway: Gateway, stage: Stage) -> None:
    def named(name: str) -> dict[str, str]:
        return {"x-portkey-cache-namespace": name}

    async with stage.plays(both):
        first = await ask(gateway, asked("named", metadata={"run": 1}), headers=named("one"))
        again = await ask(gateway, asked("named", metadata={"run": 2}), headers=named("one"))
        apart = await ask(gateway, asked("named", metadata={"run": 1}), headers=named("two"))
    assert [status(one) for one in (first, again, apart)] == ["MISS", "HIT", "MISS"]
    long = await ask(gateway, asked("named"), headers=named("x" * 101))
    assert (long.status, long.json["error"]["param"]) == (400, "x-portkey-cache-namespace")


async def test_a_forced_refresh_asks_anew_and_replaces(gateway: Gateway, stage: Stage) -> None:
    refresh = {"x-portkey-cache-force-refresh": "true"}
    async with stage.says(json_answer(said("old"))):
        await ask(gateway, asked("fresh"))
    async with stage.says(json_answer(said("new"))):
        kept = await ask(gateway, asked("fresh"), headers={"x-portkey-cache-force-refresh": "false"})
        anew = await ask(gateway, asked("fresh"), headers=refresh)
        after = await ask(gateway, asked("fresh"))
    texts = [one.json["choices"][0]["message"]["content"] for one in (kept, anew, after)]
    assert texts == ["old", "new", "new"]
    assert [status(one) for one in (kept, anew, after)] == ["HIT", "REFRESH", "HIT"]
    wrong = await ask(gateway, asked("fresh"), headers={"x-portkey-cache-force-refresh": "maybe"})
    assert (wrong.status, wrong.json["error"]["param"]) == (400, "x-portkey-cache-force-refresh")


async def test_whole_and_streamed_answers_stand_in_for_each_other(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        first = await ask(gateway, asked("streamed", stream=True))
        again = await ask(gateway, asked("streamed", stream=True, stream_options={"include_usage": True}))
        whole = await ask(gateway, asked("streamed"))
    assert len(upstream.requests) == 1
    assert (status(again), status(whole)) == ("HIT", "HIT")
    assert again.text == first.text == whole.json["choices"][0]["message"]["content"] == "Good day."
    assert again.done
    assert again.chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert {chunk["id"] for chunk in again.chunks} == {f"chatcmpl-{again.id}"}
    assert again.chunks[-1]["usage"]["total_tokens"] == 10
    assert any(chunk.get("system_fingerprint") == "cache" for chunk in again.chunks)
    assert gateway.row(again.id)["cache"] == "HIT"


CUT = said()
CUT["choices"][0]["finish_reason"] = "length"
FILTERED = said()
FILTERED["choices"][0]["finish_reason"] = "content_filter"
EMPTY = said("")
CALLING = said()
CALLING["choices"][0] = {
    "index": 0,
    "finish_reason": "tool_calls",
    "message": {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "pay", "arguments": "{}"}}],
    },
}


@pytest.mark.parametrize("answer", [CUT, FILTERED, EMPTY, CALLING], ids=["cut", "filtered", "empty", "calling"])
async def test_an_answer_that_is_not_one_to_give_again_is_not_kept(
    gateway: Gateway, stage: Stage, answer: dict[str, Any]
) -> None:
    body = asked(f"not kept {json.dumps(answer)[:400]}")
    async with stage.says(json_answer(answer)) as upstream:
        statuses = [status(await ask(gateway, body)) for _ in range(2)]
    assert statuses == ["MISS", "MISS"]
    assert len(upstream.requests) == 2


async def test_tool_calls_are_kept_where_that_is_asked_for(gateway: Gateway, stage: Stage) -> None:
    body = {**asked("act"), "application": "acting"}
    async with stage.says(json_answer(CALLING)) as upstream:
        answers = [await ask(gateway, body) for _ in range(2)]
    assert status(answers[1]) == "HIT"
    assert len(upstream.requests) == 1
    assert answers[1].json["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "pay"


async def test_a_stream_that_was_cut_is_not_kept(gateway: Gateway, stage: Stage) -> None:
    async def cutting(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Good "})))
        await visit.cut()

    async with stage.plays(cutting):
        assert not (await ask(gateway, asked("cut short", stream=True))).done
    async with stage.plays(both):
        assert status(await ask(gateway, asked("cut short", stream=True))) == "MISS"


async def test_what_wants_chance_or_privacy_is_not_kept(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        hot = [status(await ask(gateway, asked("hot", temperature=1.7))) for _ in range(2)]
        many = [status(await ask(gateway, asked("many", n=2))) for _ in range(2)]
        private = [status(await ask(gateway, asked("private", log_prompt=False))) for _ in range(2)]
    assert (hot, many, private) == (["DISABLED"] * 2, ["DISABLED"] * 2, ["MISS"] * 2)


async def test_a_model_that_stood_in_is_not_kept(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both) as upstream:
        answers = [await ask(gateway, asked("stood in", model="second")) for _ in range(2)]
    assert [status(answer) for answer in answers] == ["MISS", "MISS"]
    assert len(upstream.requests) == 2


async def test_a_config_of_the_request_turns_the_cache_on(gateway: Gateway, stage: Stage) -> None:
    wish = {"x-portkey-config": json.dumps({"provider": "stage", "cache": {"mode": "simple", "max_age": 60}})}
    async with stage.plays(both) as upstream:
        statuses = [status(await ask(gateway, chat(), headers=wish)) for _ in range(2)]
    assert statuses == ["MISS", "HIT"]
    assert len(upstream.requests) == 1


async def test_an_answer_that_is_found_faulty_later_is_taken_back(gateway: Gateway, stage: Stage) -> None:
    def judged(text: str) -> dict[str, Any]:
        return {**asked(text), "application": "judged"}

    async with stage.says(json_answer(said("I guarantee it."))) as upstream:
        await ask(gateway, judged("faulty"))
        end = time.monotonic() + SOON
        while status(await ask(gateway, judged("faulty"))) == "HIT":
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        assert len(upstream.requests) == 2
    async with stage.says(json_answer(said("Perhaps."))):
        first = await ask(gateway, judged("good"))
        while (await get(gateway, f"/api/evaluations/{first.id}")).json.get("status") != "PASS":
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
    hit = await ask(gateway, judged("good"))
    assert status(hit) == "HIT"


# ---- equal calls at the same time


async def slowly(visit: Visit) -> None:
    """Answers each request after a while."""
    while True:
        request = await visit.request()
        await visit.wait(0.3)
        if request.json.get("stream"):
            chunks = pieces("Good ", "day.")
            await visit.send(STREAM_HEAD, *(event(one) for one in chunks), event("[DONE]"), b"0\r\n\r\n", gap=0.02)
        else:
            await visit.send(json_answer(said()))


async def test_equal_calls_at_the_same_time_ask_the_upstream_once(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(slowly) as upstream:
        whole = await asyncio.gather(*(ask(gateway, asked("together")) for _ in range(8)))
        streams = await asyncio.gather(*(ask(gateway, asked("together 2", stream=True)) for _ in range(8)))
        mixed = await asyncio.gather(*(ask(gateway, asked("together 3", stream=bool(i % 2))) for i in range(8)))
    assert len(upstream.requests) == 3
    for answers in (whole, streams, mixed):
        assert sorted(status(answer) for answer in answers) == ["HIT"] * 7 + ["MISS"]
    assert {answer.text for answer in streams} == {"Good day."}
    assert all(answer.done for answer in streams)
    assert len({answer.id for answer in whole}) == len({answer.json["id"] for answer in whole} - {"chatcmpl-up"}) + 1
    costs = [gateway.row(answer.id) for answer in (*whole, *streams, *mixed)]
    assert all(row["cost_usd"] == 0 for row in costs if row["cache"] == "HIT")


async def test_equal_calls_go_alone_where_they_want_to(gateway: Gateway, stage: Stage) -> None:
    apart = {"x-parley-single-flight": "false"}
    async with stage.plays(slowly) as upstream:
        await asyncio.gather(*(ask(gateway, asked("apart"), headers=apart) for _ in range(3)))
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("stream", [False, True])
async def test_who_asked_first_may_leave(gateway: Gateway, stage: Stage, stream: bool) -> None:
    body = asked(f"leaving {stream}", stream=stream, reference_id="leaving")
    async with stage.plays(slowly) as upstream:
        async with Line(gateway) as first:
            await first.post({**body, "reference_id": f"first {stream}"})
            await asyncio.sleep(0.1)
            others = [asyncio.create_task(ask(gateway, body)) for _ in range(3)]
            await asyncio.sleep(0.1)
        answers = await asyncio.gather(*others)
        again = await ask(gateway, body)
    assert len(upstream.requests) == 1
    assert all(answer.status == 200 for answer in answers)
    assert status(again) == "HIT"
    left = await gateway.found("reference_id = ?", f"first {stream}")
    assert left["outcome"] == "left"


async def test_the_upstream_is_let_go_when_all_have_left(gateway: Gateway, stage: Stage) -> None:
    async def silent(visit: Visit) -> None:
        await visit.request()
        await visit.wait(5)

    async with stage.plays(silent) as upstream:
        async with Line(gateway) as first, Line(gateway) as second:
            await first.post(asked("all left"))
            await second.post(asked("all left"))
            await asyncio.sleep(0.2)
        await upstream.all_closed()
    assert len(upstream.requests) == 1


async def test_where_the_first_one_fails_another_one_asks_again(gateway: Gateway, stage: Stage) -> None:
    seen = 0

    async def failing_once(visit: Visit) -> None:
        nonlocal seen
        while True:
            await visit.request()
            await visit.wait(0.2)
            seen += 1
            await visit.send(json_answer({"error": "no"}, status=BUSY) if seen == 1 else json_answer(said()))

    async with stage.plays(failing_once) as upstream:
        answers = await asyncio.gather(*(ask(gateway, asked("failing once")) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [200] * 4 + [BUSY]
    assert len(upstream.requests) == 2


async def test_a_request_that_the_upstream_refuses_is_refused_to_all(gateway: Gateway, stage: Stage) -> None:
    async def refusing(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.wait(0.2)
            await visit.send(json_answer({"error": {"message": "too long"}}, status=400))

    async with stage.plays(refusing) as upstream:
        answers = await asyncio.gather(*(ask(gateway, asked("refused")) for _ in range(5)))
    assert {answer.status for answer in answers} == {400}
    assert len(upstream.requests) == 1


# ---- the operator's side


async def delete(gateway: Gateway, query: str) -> Answer:
    return await ask(gateway, None, f"/api/cache?{query}", method="DELETE")


@pytest.mark.parametrize(
    "query",
    ["application=cached", "namespace=purged", "key={key}", "user_id=u1", "model=m", "all=true", "account=default"],
)
async def test_answers_are_purged(gateway: Gateway, stage: Stage, query: str) -> None:
    body, headers = asked("purged", user_id="u1"), {"x-portkey-cache-namespace": "purged"}
    account = gateway.rows("1")[0]["account"] if gateway.rows("1") else "default"
    async with stage.plays(both):
        await ask(gateway, body, headers=headers)
        hit = await ask(gateway, body, headers=headers)
        wanted = query.format(key=hit.headers["x-parley-cache-key"]).replace("account=default", f"account={account}")
        gone = await delete(gateway, wanted)
        after = await ask(gateway, body, headers=headers)
    assert gone.json["removed"] >= 1
    assert (status(hit), status(after)) == ("HIT", "MISS")


async def test_a_purge_has_to_say_what(gateway: Gateway) -> None:
    assert (await delete(gateway, "")).status == 400
    assert (await delete(gateway, "all=true&application=cached")).status == 400
    assert (await delete(gateway, "aplication=cached")).status == 400
    assert (await delete(gateway, "application=nobody")).json == {"removed": 0}


async def test_what_is_kept_is_summed_up(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        await ask(gateway, asked("summed"), headers={"x-portkey-cache-namespace": "sums"})
    (row,) = [
        one for one in (await get(gateway, "/api/cache?application=cached")).json["data"] if one["namespace"] == "sums"
    ]
    assert row["entries"] == 1
    assert row["bytes"] > 0


async def test_answers_outlive_a_restart(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, config(stage, more=CACHED))
    with gateway:
        async with stage.plays(both):
            await ask(gateway, asked("kept"))
    with gateway:
        assert status(await ask(gateway, asked("kept"))) == "HIT"
        assert (await ask(gateway, asked("kept", stream=True))).text == "Good day."


async def test_workers_share_answers_and_forget_them_together(stage: Stage, tmp_path: Path) -> None:
    with Gateway(tmp_path, config(stage, more=CACHED), arguments=("--workers", "2")) as gateway:
        async with stage.plays(both) as upstream:
            for _ in range(12):
                await ask(gateway, asked("shared"))
            assert len(upstream.requests) == 1
            await delete(gateway, "application=cached")
            await asyncio.sleep(1.0)
            for _ in range(12):
                await ask(gateway, asked("shared"))
            assert len(upstream.requests) == 2


async def test_a_wrong_wish_is_refused_where_it_is_made(gateway: Gateway) -> None:
    for cache in ({"mode": "sometimes"}, {"mode": "simple", "max_age": 5}, {"mode": "simple", "age": 60}, {}):
        made = await ask(gateway, {"cache": cache}, "/api/applications/cached/intents/WRONG", method="PUT")
        assert made.status == 400
        assert made.json["error"]["param"].startswith("cache")

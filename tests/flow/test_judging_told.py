"""Who hears of evaluations: readers, listeners and webhooks; and what people say of answers."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.asking import Answer, Line, ask, chat, get
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.judges import JUDGED, Bench, evaluation
from tests.flow.stage import Stage
from tests.scripted import Seen, Upstream, Visit, answer, in_turn

PROMISE = ("We promise a refund.",)
SECRET = "whsec_of_the_tests_0123"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Stage]:
    """Where webhooks are sent to."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(stage: Stage, receiver: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose applications have sentinels, and that may send to the receiver."""
    allowed = f'custom_hosts = ["127.0.0.1:{receiver.port}"]'
    with Gateway(tmp_path_factory.mktemp("told"), config(stage, server=allowed, more=JUDGED)) as made:
        yield made


async def asked(gateway: Gateway, stage: Stage, intent: str = "words", **more: Any) -> Answer:
    """A faulty answer."""
    async with stage.plays(Bench(PROMISE)):
        return await ask(gateway, chat(application="shop", intent=intent, **more))


async def hook(gateway: Gateway, receiver: Stage, **more: Any) -> Any:
    """A new webhook."""
    body = {"url": f"http://127.0.0.1:{receiver.port}/hook?a=1", "events": ["evaluation"], "secret": SECRET, **more}
    made = await ask(gateway, body, "/api/webhooks")
    assert made.status == 201, made.body
    return made.json


async def received(upstream: Upstream, count: int) -> list[Seen]:
    """What came, once it is so many."""
    async with asyncio.timeout(10):
        while len(upstream.requests) < count:
            await asyncio.sleep(0.02)
    return upstream.requests


def saying(status: int) -> Any:
    """A receiver that answers one request with this status, and closes."""

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"", status, connection="close"))
        await visit.close()

    return script


# ---- webhooks


async def test_a_webhook_is_told_with_a_signature_and_an_id(gateway: Gateway, stage: Stage, receiver: Stage) -> None:
    made = await hook(gateway, receiver)
    async with receiver.plays(saying(204)) as upstream:
        given = await asked(gateway, stage)
        (seen,) = await received(upstream, 1)
    assert seen.target == "/hook?a=1" and seen.headers["x-parley-event"] == "evaluation.fault"
    told = seen.json
    assert (told["type"], told["data"]["request_id"]) == ("evaluation.fault", given.id)
    assert told["data"]["results"][0]["name"] == "no promises" and told["id"] == seen.headers["x-parley-event-id"]
    at, _, signature = seen.headers["x-parley-signature"].partition(",v1=")
    signed = at.removeprefix("t=").encode() + b"." + seen.body
    assert signature == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    await ask(gateway, None, f"/api/webhooks/{made['id']}", method="DELETE")


async def test_a_webhook_that_is_not_taken_is_sent_again_under_the_same_id(
    gateway: Gateway, stage: Stage, receiver: Stage
) -> None:
    made = await hook(gateway, receiver, events=["evaluation.fault"])
    async with receiver.plays(in_turn(saying(500), saying(200))) as upstream:
        await asked(gateway, stage, apply_corrections=True)
        first, second = await received(upstream, 2)
        await asyncio.sleep(0.5)
        assert len(upstream.requests) == 2
    assert first.json == second.json and first.headers["x-parley-event-id"] == second.headers["x-parley-event-id"]
    await ask(gateway, None, f"/api/webhooks/{made['id']}", method="DELETE")


async def test_a_webhook_hears_only_what_it_wants(gateway: Gateway, stage: Stage, receiver: Stage) -> None:
    others = await hook(gateway, receiver, application="other shop")
    passing = await hook(gateway, receiver, events=["evaluation.pass"])
    off = await hook(gateway, receiver, enabled=False)
    async with receiver.plays(saying(200)) as upstream:
        given = await asked(gateway, stage)
        await evaluation(gateway, given.id)
        await asyncio.sleep(1.0)
        assert upstream.requests == []
    for made in (others, passing, off):
        await ask(gateway, None, f"/api/webhooks/{made['id']}", method="DELETE")


async def test_webhooks_are_sent_to_public_hosts_and_those_that_are_allowed(gateway: Gateway) -> None:
    for url in (
        "http://127.0.0.1:1/x",
        "http://localhost/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "http://169.254.169.254/latest",
        "ftp://example.com/x",
        "https://user@example.com/x",
        "not a url",
    ):
        refused = await ask(gateway, {"url": url, "events": ["evaluation"]}, "/api/webhooks")
        assert refused.status == 400 and refused.json["error"]["param"] == "url", url


async def test_a_webhooks_secret_is_shown_once(gateway: Gateway) -> None:
    body = {"url": "https://example.com/hook", "events": ["feedback"]}
    made = (await ask(gateway, body, "/api/webhooks")).json
    assert made["secret"].startswith("whsec_")
    shown = (await get(gateway, f"/api/webhooks/{made['id']}")).json
    assert shown["secret"] == f"...{made['secret'][-4:]}"
    changed = await ask(gateway, {"enabled": False}, f"/api/webhooks/{made['id']}", method="PATCH")
    assert changed.json["enabled"] is False
    listed = (await get(gateway, "/api/webhooks")).json["data"]
    assert made["id"] in [one["id"] for one in listed] and made["secret"] not in json.dumps(listed)
    assert (await ask(gateway, None, f"/api/webhooks/{made['id']}", method="DELETE")).json == {"deleted": True}
    assert (await get(gateway, f"/api/webhooks/{made['id']}")).status == 404


# ---- readers and listeners


async def test_evaluations_are_listed_by_application_status_and_sentinel(gateway: Gateway, stage: Stage) -> None:
    faulty = await asked(gateway, stage, apply_corrections=True)
    async with stage.plays(Bench(("Fine.",))):
        fine = await ask(gateway, chat(application="shop", intent="words", apply_corrections=True))

    async def listed(query: str) -> list[str]:
        found = (await get(gateway, f"/api/evaluations?{query}")).json
        return [one["request_id"] for one in found["data"]]

    assert faulty.id in await listed("application=shop&status=FAULT&sentinel=no%20promises")
    assert faulty.id in await listed("status=FAULT&delivered=PASS") and fine.id in await listed("status=PASS")
    assert fine.id not in await listed("status=FAULT") and await listed("application=nobody") == []
    assert await listed("sentinel=unheard") == []
    first = (await get(gateway, "/api/evaluations?limit=1")).json
    second = (await get(gateway, f"/api/evaluations?limit=1&after={first['next']}")).json
    assert (first["data"][0]["request_id"], second["data"][0]["request_id"]) == (fine.id, faulty.id)


async def test_evaluations_are_heard_as_they_come_to_be(gateway: Gateway, stage: Stage) -> None:
    async with Line(gateway) as line:
        await line.send(
            b"GET /api/evaluations/events?application=shop HTTP/1.1\r\nhost: x\r\n"
            b"authorization: Bearer %b\r\n\r\n" % gateway.key.encode()
        )
        assert (await line.head()).headers["content-type"].startswith("text/event-stream")
        assert (await line.piece() or b"").startswith(b":")
        given = await asked(gateway, stage)
        event = await line.piece() or b""
    fields = dict(text.split(": ", 1) for text in event.decode().strip().split("\n"))
    assert fields["event"] == "evaluation" and float(fields["id"]) > 0
    told = json.loads(fields["data"])
    assert (told["request_id"], told["status"], told["application"]) == (given.id, "FAULT", "shop")


async def test_an_open_stream_of_events_does_not_keep_the_gateway_from_stopping(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    gateway = Gateway(tmp_path_factory.mktemp("stopping"), config(stage, server="grace = 20", more=JUDGED))
    with gateway:
        async with Line(gateway) as line:
            head = b"GET /api/evaluations/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\n\r\n"
            await line.send(head % gateway.key.encode())
            await line.head()
            gateway.tell(15)
            async with asyncio.timeout(10):
                assert await gateway.ended() == 0


async def test_a_key_for_inference_reads_the_evaluations_of_its_account_alone(gateway: Gateway, stage: Stage) -> None:
    keys = []
    for account in ("ours", "theirs"):
        body = {"name": account, "scopes": ["inference"], "account": account}
        keys.append((await ask(gateway, body, "/api/keys")).json["key"])
    ours, theirs = keys
    async with stage.plays(Bench(PROMISE)):
        given = await ask(gateway, chat(application="shop", intent="words"), key=ours)
    path = f"/api/evaluations/{given.id}?wait=5"
    assert (await get(gateway, path, key=ours)).json["status"] == "FAULT"
    assert (await get(gateway, path, key=theirs)).status == 404
    assert [one["request_id"] for one in (await get(gateway, "/api/evaluations", key=ours)).json["data"]] == [given.id]
    assert (await get(gateway, "/api/evaluations?account=ours", key=theirs)).json["data"] == []
    assert (await get(gateway, "/api/webhooks", key=ours)).status == 403


async def test_metrics_show_verdicts_and_what_is_owed(gateway: Gateway, stage: Stage) -> None:
    given = await asked(gateway, stage)
    await evaluation(gateway, given.id)
    shown = (await get(gateway, "/metrics")).body.decode()
    assert 'parley_evaluations_total{status="FAULT"}' in shown and 'parley_verdicts_total{status="FAULT"}' in shown
    assert 'parley_jobs_owed{kind="evaluation"}' in shown and "parley_evaluations_skipped_total" in shown


# ---- feedback


async def test_feedback_is_kept_on_a_request_a_session_and_a_trace(gateway: Gateway, stage: Stage) -> None:
    given = await asked(gateway, stage, session_id="ses-feedback")
    body = {"request_id": given.json["id"], "score": -1, "text": "It promises.", "corrected": "We look into it."}
    made = await ask(gateway, body, "/api/feedback")
    assert made.status == 201 and made.json["application"] == "shop"
    assert made.json["session_id"] == "ses-feedback" and made.json["trace_id"]
    on_session = await ask(gateway, {"session_id": "ses-feedback", "score": 5}, "/api/feedback")
    on_trace = await ask(gateway, {"trace_id": made.json["trace_id"], "text": "Hm."}, "/api/feedback")
    listed = (await get(gateway, "/api/feedback?session_id=ses-feedback")).json["data"]
    assert [one["id"] for one in listed] == [on_session.json["id"], made.json["id"]]
    listed = (await get(gateway, f"/api/feedback?trace_id={made.json['trace_id']}")).json["data"]
    assert {one["id"] for one in listed} == {on_trace.json["id"], made.json["id"]}
    changed = await ask(gateway, {"score": 1}, f"/api/feedback/{made.json['id']}", method="PATCH")
    assert changed.json["score"] == 1 and changed.json["text"] == "It promises."


async def test_feedback_on_nothing_or_of_nothing_is_refused(gateway: Gateway) -> None:
    for body, param in (
        ({"score": 1}, "request_id"),
        ({"session_id": "s"}, "score"),
        ({"session_id": "s", "score": 11}, "score"),
    ):
        refused = await ask(gateway, body, "/api/feedback")
        assert refused.status == 400 and refused.json["error"]["param"] == param
    assert (await ask(gateway, {"request_id": "req_nobody", "score": 1}, "/api/feedback")).status == 404


async def test_a_sentinel_learns_from_feedback(gateway: Gateway, stage: Stage) -> None:
    path = "/api/applications/learning/intents/polite"
    await ask(gateway, {"sentinels": [{"name": "tone", "directive": "Be polite."}]}, path, method="PUT")
    async with stage.plays(Bench(("Go away.",))):
        given = await ask(gateway, chat(application="learning", intent="polite", evaluation_enabled=False))
    body = {"request_id": given.id, "text": "It is rude.", "corrected": "How can I help?"}
    made = (await ask(gateway, body, "/api/feedback")).json
    for status in ("FAULT", "PASS"):
        learned = await ask(gateway, {"sentinel": "tone", "status": status}, f"/api/feedback/{made['id']}/example")
        assert learned.status == 200, learned.body
    (sentinel,) = (await get(gateway, path)).json["config"]["sentinels"]
    assert sentinel["examples"] == [
        {"answer": "Go away.", "status": "FAULT", "input": "Hello?", "reason": "It is rude."},
        {"answer": "How can I help?", "status": "PASS", "input": "Hello?", "reason": "It is rude."},
    ]
    unknown = await ask(gateway, {"sentinel": "unheard", "status": "PASS"}, f"/api/feedback/{made['id']}/example")
    assert unknown.status == 404


# ---- sentinels, tried


async def test_sentinels_are_tried_on_labelled_answers(gateway: Gateway, stage: Stage) -> None:
    answers = [
        {"answer": "We promise.", "status": "FAULT"},
        {"answer": "We look into it.", "status": "PASS"},
        {"answer": "Not a promise.", "status": "PASS", "input": "Is it?"},
        {"answer": "Promise!"},
    ]
    words = {"name": "no promises", "kind": "excludes", "words": ["promise"]}
    tried = (await ask(gateway, {"sentinels": [words], "answers": answers}, "/api/sentinels/test")).json
    assert [one["results"][0]["status"] for one in tried["answers"]] == ["FAULT", "PASS", "FAULT", "FAULT"]
    (score,) = tried["scores"]
    assert (score["answers"], score["precision"], score["recall"]) == (3, 0.5, 1.0)


async def test_an_applications_own_sentinels_and_judges_are_tried(gateway: Gateway, stage: Stage) -> None:
    body = {"application": "shop", "intent": "tone", "answers": [{"answer": "Go away.", "status": "FAULT"}]}
    refused = await ask(gateway, body, "/api/sentinels/test")
    assert refused.status == 400 and refused.json["error"]["param"] == "judge"
    async with stage.plays(Bench(judge=lambda shown: "FAULT" if "Go away" in shown else "PASS")):
        tried = await ask(gateway, {**body, "judge": "m"}, "/api/sentinels/test")
    assert tried.json["scores"][0]["recall"] == 1.0


async def test_what_can_not_be_tried_is_named(gateway: Gateway) -> None:
    broken = {"name": "x", "kind": "matches", "pattern": "("}
    for body, param in (
        ({"answers": [{"answer": "a"}]}, "sentinels"),
        ({"sentinels": [broken], "answers": [{"answer": "a"}]}, "sentinels[0].pattern"),
        ({"sentinels": [{**broken, "pattern": "a"}], "answers": [{"text": "a"}]}, "answers[0]"),
    ):
        refused = await ask(gateway, body, "/api/sentinels/test")
        assert refused.status == 400 and refused.json["error"]["param"] == param, refused.body


async def test_a_client_that_leaves_the_events_is_no_fault(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.send(
            b"GET /api/evaluations/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\n\r\n"
            % gateway.key.encode()
        )
        await line.head()
    assert (await get(gateway, "/health/live")).status == 200
    assert "Exception in ASGI application" not in gateway.stderr

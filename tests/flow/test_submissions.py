"""Answers that were had elsewhere are handed in, kept, and looked at like any other."""

from typing import Any

import pytest

from tests.flow.asking import HELLO, ask, get
from tests.flow.gateway import Gateway, answer_of
from tests.flow.stage import said

ID = "req_" + "0" * 35 + "a"
PLACE = "/v1/submissions"


def handed_in(**more: Any) -> dict[str, Any]:
    """A submission."""
    request = {"model": "gpt-4o-mini", "messages": HELLO, "application": "shop", "session_id": "s-1"}
    return {"request": request, "answer": said("Elsewhere."), "provider": "openai", "latency_ms": 812.5, **more}


async def test_a_submission_becomes_a_record_with_its_cost(gateway: Gateway) -> None:
    answer = await ask(gateway, handed_in(first_token_ms=100), PLACE)
    assert answer.status == 200
    row = gateway.row(answer.json["id"])
    known = ("outcome", "status", "operation", "provider", "model", "application", "session_id", "completion_id")
    assert [row[name] for name in known] == [
        "answered",
        200,
        "chat",
        "openai",
        "gpt-4o-mini",
        "shop",
        "s-1",
        "chatcmpl-up",
    ]
    assert answer_of(row)["content"] == "Elsewhere."
    assert row["cost_usd"] > 0
    assert row["latency_ms"] >= 812.5
    assert row["first_token_ms"] == pytest.approx(100)


async def test_handing_in_twice_makes_one_record(gateway: Gateway) -> None:
    for text in ("First.", "Second."):
        answer = await ask(gateway, handed_in(id=ID, answer=said(text), created=1_700_000_000), PLACE)
        assert answer.json == {"id": ID, "object": "submission"}
    row = gateway.row(ID)
    assert answer_of(row)["content"] == "First."
    assert row["created"] == 1_700_000_000


async def test_an_answer_that_was_left_is_in_the_books_as_left(gateway: Gateway) -> None:
    answer = await ask(gateway, handed_in(complete=False), PLACE)
    assert (await gateway.closed_row(answer.json["id"]))["outcome"] == "left"


async def test_a_request_that_wants_no_content_kept_has_none(gateway: Gateway) -> None:
    request = {"model": "x", "messages": HELLO, "log_prompt": False}
    answer = await ask(gateway, handed_in(request=request), PLACE)
    row = gateway.row(answer.json["id"])
    assert (row["messages"], row["answer"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", None),
        ({"request": {}, "answer": {}}, None),
        (handed_in(id="req_1"), "id"),
        (handed_in(latency_ms=-1), "latency_ms"),
        (handed_in(provider=""), "provider"),
        (handed_in(answer={"choices": []}), "answer"),
        (handed_in(answer=[1]), "answer"),
        (handed_in(request={"model": "x", "messages": []}), "messages"),
        (handed_in(request={"model": "x", "messages": HELLO, "temperature": 9}), "temperature"),
        (handed_in(odd=1), None),
    ],
)
async def test_a_submission_that_is_wrong_is_refused_and_leaves_nothing(
    gateway: Gateway, body: Any, param: str | None
) -> None:
    before = len(gateway.rows("provider = 'openai'"))
    answer = await ask(gateway, body, PLACE)
    assert answer.status == 400, answer.body
    assert answer.json["error"]["param"] == param
    assert len(gateway.rows("provider = 'openai'")) == before


async def test_a_submission_needs_a_key_and_a_size(gateway: Gateway) -> None:
    assert (await ask(gateway, handed_in(), PLACE, key="wrong")).status == 401
    assert (await ask(gateway, handed_in(answer=said("x" * 200_000)), PLACE)).status == 413
    assert (await get(gateway, PLACE)).status == 405


async def test_what_an_intent_settles_can_be_read_without_its_sentinels(gateway: Gateway) -> None:
    place = "/api/applications/shop"
    words = {"name": "no promises", "kind": "excludes", "words": ["guarantee"]}
    settled = {"model": "m", "temperature": 0.1}
    assert (await ask(gateway, settled, place, method="PUT")).status in (200, 201)
    refund = {"temperature": 0.7, "sentinels": [words]}
    assert (await ask(gateway, refund, f"{place}/intents/REFUND", method="PUT")).status in (200, 201)
    answer = await get(gateway, "/v1/intent?application=shop&intent=REFUND")
    assert answer.json == {"application": "shop", "intent": "REFUND", "config": {"model": "m", "temperature": 0.7}}
    assert (await get(gateway, "/v1/intent?application=nobody")).json["config"] == {}
    wrong = await get(gateway, "/v1/intent?aplication=shop")
    assert (wrong.status, wrong.json["error"]["param"]) == (400, "aplication")

"""Traces over a socket: each request a tree, callers' own ids, headers as metadata, and spans that callers send."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

from parley.wire.protobuf import bytes_field, double_field, fixed64_field, text_field, varint_field
from tests.flow.asking import ask, chat, get, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, both

W3C = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_request_is_a_tree_without_any_row_but_its_record(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        answer = await ask(gateway, chat())
    name = answer.headers["x-portkey-trace-id"]
    assert name == "trc_" + answer.id.removeprefix("req_")
    for asked in (name, name.removeprefix("trc_")[:32], answer.id):
        found = (await get(gateway, f"/api/traces/{asked}")).json
        assert (found["trace_id"], found["requests"], found["errors"]) == (name, 1, 0)
        (root,) = found["spans"]
        assert (root["kind"], root["request_id"], root["status"]) == ("request", answer.id, "ok")
        (attempt,) = root["children"]
        assert (attempt["kind"], attempt["name"], attempt["parent_id"]) == ("attempt", "stage/m", root["id"])
        assert attempt["usage"]["prompt_tokens"] == 7 and attempt["ms"] <= root["ms"]
    assert gateway.count("trace_marks", answer.id) == 0 and gateway.row(answer.id)["session_id"][4:] == answer.id[4:]


async def test_each_attempt_is_a_span_in_the_order_of_time(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        answer = await ask(gateway, chat("second"))
    (root,) = (await get(gateway, f"/api/traces/{answer.headers['x-portkey-trace-id']}")).json["spans"]
    first, last = root["children"]
    assert (first["provider"], first["status"], last["provider"], last["status"]) == ("closed", "error", "stage", "ok")
    assert first["error"] and first["started"] <= last["started"] and len({root["id"], first["id"], last["id"]}) == 3


async def test_requests_of_one_trace_hang_together_as_their_caller_says(gateway: Gateway, stage: Stage) -> None:
    head = {"x-portkey-trace-id": "tour-1", "x-portkey-span-id": "step-1", "x-portkey-span-name": "plan"}
    below = {"x-portkey-trace-id": "tour-1", "x-portkey-parent-span-id": "step-1"}
    async with stage.plays(both):
        first = await ask(gateway, chat(), headers=head)
        second = await ask(gateway, streamed(), headers=below)
        refused = await ask(gateway, b"{", headers=below)
    assert first.headers["x-portkey-trace-id"] == "tour-1" and refused.status == 400
    await gateway.closed_row(refused.id)
    found = (await get(gateway, "/api/traces/tour-1")).json
    assert (found["requests"], found["errors"]) == (3, 1)
    (root,) = found["spans"]
    assert (root["id"], root["name"], root["request_id"]) == ("step-1", "plan", first.id)
    kinds = {(child["kind"], child["request_id"]) for child in root["children"]}
    assert kinds == {("attempt", first.id), ("request", second.id), ("request", refused.id)}


async def test_traceparent_and_baggage_are_taken_over(gateway: Gateway, stage: Stage) -> None:
    headers = {
        "traceparent": f"00-{W3C}-00f067aa0ba902b7-01",
        "baggage": "team=red%20one;x=1, odd, env=prod",
        "x-portkey-metadata": "{'env': 'test', '_user': 'ann', 'n': 3}",
    }
    async with stage.plays(both):
        answer = await ask(gateway, chat(metadata={"n": 4}), headers=headers)
    row = gateway.row(answer.id)
    assert json.loads(row["metadata"]) == {"team": "red one", "env": "test", "_user": "ann", "n": 4}
    assert (row["user_id"], row["trace_id"]) == ("ann", W3C)
    (root,) = (await get(gateway, f"/api/traces/{W3C}")).json["spans"]
    assert root["parent_id"] == "00f067aa0ba902b7" and root["attributes"]["metadata"]["team"] == "red one"


async def test_metadata_that_is_none_is_refused_by_name(gateway: Gateway) -> None:
    for wrong in ("[1]", "{", "{'a' 'b'}", "7"):
        refused = await ask(gateway, chat(), headers={"x-portkey-metadata": wrong})
        assert (refused.status, refused.json["error"]["param"]) == (400, "x-portkey-metadata")


async def test_traces_are_listed_once_newest_first(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        ids = [
            (await ask(gateway, chat(), headers={"x-portkey-trace-id": "shared"} if n % 3 == 0 else {})).headers[
                "x-portkey-trace-id"
            ]
            for n in range(7)
        ]
    listed, after = [], ""
    while len(listed) < 5:
        page = (await get(gateway, f"/api/traces?limit=2{after}")).json
        listed += page["data"]
        after = f"&after={page['next']}"
    expected = list(dict.fromkeys(reversed(ids)))
    assert [row["trace_id"] for row in listed[:5]] == expected
    (shared,) = (row for row in listed if row["trace_id"] == "shared")
    assert (shared["requests"], shared["prompt_tokens"], shared["models"]) == (3, 21, ["m"])
    assert (await get(gateway, "/api/traces/none")).status == 404


def exported(spans: list[dict[str, Any]]) -> dict[str, Any]:
    """An export of these spans in JSON."""
    service = [{"key": "service.name", "value": {"stringValue": "shop"}}]
    return {"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": [{"spans": spans}]}]}


def a_span(trace: str, id: str, **more: Any) -> dict[str, Any]:
    """A span of two seconds in OTLP's JSON."""
    times = {"startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": 1700000002000000000}
    return {"traceId": trace, "spanId": id, "name": "work", **times, **more}


async def test_spans_that_callers_send_join_the_tree_of_their_requests(gateway: Gateway, stage: Stage) -> None:
    trace, outer = "a" * 31 + "1", "00f067aa0ba902b7"
    async with stage.plays(both):
        answer = await ask(gateway, chat(), headers={"traceparent": f"00-{trace}-{outer}-01"})
    pair = {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}}
    spans = [
        a_span(trace, outer, attributes=[pair]),
        a_span(trace, "b" * 16, parentSpanId=outer, status={"code": 2, "message": "no"}),
    ]
    sent = await ask(gateway, exported(spans), "/v1/traces")
    assert (sent.status, sent.json) == (200, {})
    again = await ask(gateway, exported([*spans, a_span("nothex", "1")]), "/api/v1/traces")
    assert again.json["partialSuccess"]["rejectedSpans"] == "1"
    (root,) = (await get(gateway, f"/api/traces/{trace}")).json["spans"]
    assert (root["id"], root["kind"], root["name"], root["ms"]) == (outer, "client", "work", 2000.0)
    assert root["usage"]["prompt_tokens"] == 12 and root["attributes"]["service.name"] == "shop"
    below = {child["kind"]: child for child in root["children"]}
    assert below["request"]["request_id"] == answer.id and below["client"]["error"] == "no"


async def test_protobuf_says_the_same_packed_or_not(gateway: Gateway) -> None:
    trace, id = "c" * 32, "d" * 16
    value = bytes_field(2, bytes_field(1, b"gpt-x"))
    span = b"".join(
        (
            bytes_field(1, bytes.fromhex(trace)),
            bytes_field(2, bytes.fromhex(id)),
            text_field(5, "packed"),
            fixed64_field(7, 1_700_000_000_000_000_000),
            fixed64_field(8, 1_700_000_001_500_000_000),
            bytes_field(9, text_field(1, "gen_ai.request.model") + value),
            bytes_field(9, text_field(1, "pi") + bytes_field(2, double_field(4, 3.5))),
            bytes_field(9, text_field(1, "list") + bytes_field(2, bytes_field(5, bytes_field(1, varint_field(3, -7))))),
            bytes_field(15, varint_field(3, 1)),
        )
    )
    body = bytes_field(1, bytes_field(2, bytes_field(2, span)))
    headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
    sent = await ask(gateway, gzip.compress(body), "/v1/otel/v1/traces", headers=headers)
    assert (sent.status, sent.body, sent.headers["content-type"]) == (200, b"", "application/x-protobuf")
    (root,) = (await get(gateway, f"/api/traces/{trace}")).json["spans"]
    assert (root["name"], root["model"], root["ms"]) == ("packed", "gpt-x", 1500.0)
    assert root["attributes"] == {"gen_ai.request.model": "gpt-x", "pi": 3.5, "list": [-7]}


async def test_an_export_that_is_none_is_refused_with_a_sentence(gateway: Gateway) -> None:
    packed = {"content-encoding": "gzip"}
    proto = {"content-type": "application/x-protobuf"}
    for body, headers, status in (
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}', {}, 400),
        (b"\xff\xff", proto, 400),
        (b"\x0a\x05ab", proto, 400),
        (b"no gzip", packed, 400),
        (gzip.compress(b"{}")[:-4], packed, 400),
        (gzip.compress(b" " * 200_000), packed, 413),
        (b"{}", {"content-encoding": "br"}, 415),
        (b"{}", {"content-type": "text/plain"}, 415),
    ):
        refused = await ask(gateway, body, "/v1/traces", headers=headers)
        assert refused.status == status and refused.json["message"], (body, refused.body)
    assert (await ask(gateway, b"{}", "/v1/traces", key="")).status == 401


async def test_portkeys_logs_are_spans_and_secrets_in_them_are_dropped(gateway: Gateway) -> None:
    log = {
        "request": {
            "url": "https://api.openai.com/v1/chat/completions",
            "headers": {"authorization": "Bearer sk-very-secret"},
            "body": {"model": "gpt-x", "messages": []},
            "provider": "openai",
        },
        "response": {
            "status": 200,
            "headers": {},
            "body": {"model": "gpt-x-1", "usage": {"prompt_tokens": 5, "completion_tokens": 2}},
            "response_time": 250,
        },
        "metadata": {"traceId": "logged", "spanId": "one", "spanName": "ask", "team": "red"},
    }
    chained = {
        "trace_id": "logged",
        "span_id": "two",
        "parent_span_id": "one",
        "span_name": "step",
        "start_time": 1.7e9,
    }
    assert (await ask(gateway, log, "/v1/logs")).body == b"ok"
    sent = await ask(gateway, [{**chained, "request": {}, "response": {"status": 500}}], "/v1/logs")
    assert (sent.status, sent.body, sent.headers["content-type"].split(";")[0]) == (200, b"ok", "text/plain")
    found = await get(gateway, "/api/traces/logged")
    assert b"very-secret" not in found.body
    spans = {span["id"]: span for span in walk(found.json["spans"])}
    assert (spans["one"]["model"], spans["one"]["usage"]["completion_tokens"], spans["one"]["ms"]) == (
        "gpt-x-1",
        2,
        250,
    )
    assert spans["one"]["attributes"]["team"] == "red" and spans["two"]["error"] == "status 500"
    assert spans["two"]["parent_id"] == "one"
    for wrong in (b"{", b"7", b"[7]"):
        assert (await ask(gateway, wrong, "/v1/logs")).status == 400


def walk(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every span of a tree."""
    return [one for span in spans for one in [span, *walk(span["children"])]]


async def test_what_stages_and_judges_did_are_spans_too(stage: Stage, tmp_path: Path) -> None:
    sentinels = '[[applications.shop.defaults.sentinels]]\nname = "polite"\nkind = "excludes"\nwords = ["rude"]\n'
    with Gateway(tmp_path, config(stage, more=sentinels)) as gateway:
        document = {"application": "shop", "reference": "hours", "content": "We are open from nine to five."}
        assert (await ask(gateway, document, "/api/documents")).status in (200, 201)
        asked = chat(application="shop", context_retrieval_enabled=True, assistant=True, session_id="s")
        async with stage.plays(both):
            first, second = await ask(gateway, asked), await ask(gateway, asked)
        assert (first.status, second.status) == (200, 200)
        async with asyncio.timeout(10):
            kinds: dict[str, int] = {}
            while "judge" not in kinds:
                await asyncio.sleep(0.05)
                name = second.headers["x-portkey-trace-id"]
                spans = walk((await get(gateway, f"/api/traces/{name}")).json["spans"])
                kinds = {kind: sum(one["kind"] == kind for one in spans) for kind in {one["kind"] for one in spans}}
    assert (kinds["request"], kinds["attempt"], kinds["retrieval"], kinds["memory"]) == (1, 1, 1, 1)
    assert {one["parent_id"] for one in spans if one["kind"] in ("attempt", "retrieval")} == {spans[0]["id"]}


async def test_openais_user_is_recorded_as_the_user_and_maitais_wins(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        plain = await ask(gateway, chat(user="bob"), headers={"x-portkey-metadata": '{"_user": "ann"}'})
        named = await ask(gateway, chat(user="bob", user_id="carl"))
    assert (gateway.row(plain.id)["user_id"], gateway.row(named.id)["user_id"]) == ("bob", "carl")

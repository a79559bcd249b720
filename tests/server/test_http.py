"""HTTP itself: methods, paths, versions, garbage, slow and hasty clients."""

import asyncio
import json

import pytest

from tests.flow.asking import PATIENCE, Line, ask, chat, get, request, streamed
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM, WHOLE, Stage, both


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_a_path_of_calls_takes_post_alone(gateway: Gateway, path: str, method: str) -> None:
    given = await ask(gateway, None, path, method=method)
    assert given.status == 405
    assert given.headers["allow"] == "POST"
    assert given.json["error"]["message"]
    assert given.headers["x-request-id"]


async def test_a_method_that_a_path_does_not_take_is_a_405(gateway: Gateway) -> None:
    given = await ask(gateway, None, "/v1/models", method="DELETE")
    assert given.status == 405
    assert given.json["error"]["message"]


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/chat", "/v1/chat/completions/", "/v2/x", "/api/nothing", "/%00", "/..%2f..", "/é",
             "/v1/chat/completions%20", "//v1/chat/completions"],
)  # fmt: skip
async def test_an_unknown_path_is_a_404(gateway: Gateway, path: str) -> None:
    given = await ask(gateway, chat(), path)
    assert given.status in (404, 400)
    assert given.json["error"]["message"]


async def test_head_has_the_head_and_no_body(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.post(None, "/v1/models", method="HEAD")
        first = await line.head()
        await line.post(None, "/v1/models", method="GET")
        second = await line.answer()
    assert first.status == second.status == 200
    assert second.json["object"] == "list"


async def test_models_are_listed_and_looked_up(gateway: Gateway) -> None:
    listed = (await get(gateway, "/v1/models")).json
    assert {"m", "opus", "nobody", "second"} <= {model["id"] for model in listed["data"]}
    assert (await get(gateway, "/v1/models/m")).json["owned_by"] == "stage"
    missing = await get(gateway, "/v1/models/nothing")
    assert (missing.status, missing.json["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    "garbage",
    [b"garbage\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n",
     b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: x\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
     b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
     b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello"],
)  # fmt: skip
async def test_what_is_not_http_is_a_400_in_our_words(gateway: Gateway, garbage: bytes) -> None:
    async with Line(gateway) as line:
        await line.send(garbage)
        given = await line.answer()
        assert given.status == 400
        assert given.json["error"]["message"].endswith(".")
        assert await line.reader.read() == b""


async def test_garbage_after_a_good_request_is_a_400_too(gateway: Gateway) -> None:
    async with Line(gateway) as line:
        await line.post(None, "/v1/models", method="GET")
        assert (await line.answer()).status == 200
        await line.send(b"garbage\r\n\r\n")
        assert (await line.answer()).status == 400
        assert await line.reader.read() == b""


async def test_garbage_behind_a_request_does_not_disturb_its_answer(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE), Line(gateway) as line:
        await line.send(request(gateway, chat()) + b"garbage\r\n\r\n")
        assert (await line.answer()).status in (200, 400)
    assert not [line for line in gateway.stderr.splitlines() if "Traceback" in line]


@pytest.mark.parametrize("how", ["one huge header", "many headers", "a huge path", "in pieces"])
async def test_a_huge_head_is_a_431(gateway: Gateway, how: str) -> None:
    start, lines = b"GET /v1/models HTTP/1.1\r\n", [b"x: " + b"y" * 600_000 + b"\r\n"]
    if how == "many headers":
        lines = [b"x-%d: yyyyyyy\r\n" % n for n in range(9000)]
    if how == "a huge path":
        start = b"GET /" + b"x" * 80_000 + b" HTTP/1.1\r\n"
    if how == "in pieces":
        lines = [b"x: "] + [b"y" * 10_000] * 60
    async with Line(gateway) as line:
        answer = asyncio.create_task(line.answer())
        for part in (start, *lines):
            if not answer.done():
                line.writer.write(part)
                await asyncio.sleep(0)
        given = await answer
    assert given.status == 431
    assert given.json["error"]["message"]


async def test_a_request_that_comes_byte_by_byte_is_answered(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE), Line(gateway) as line:
        for byte in request(gateway, chat()):
            line.writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert (await line.answer()).status == 200


async def test_a_connection_serves_one_request_after_another(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both), Line(gateway) as line:
        for body in (chat(), streamed(), b"{", chat("nothing"), streamed(), chat()):
            await line.post(body)
            given = await line.answer()
            assert given.status == (400 if body == b"{" else 404 if body == chat("nothing") else 200)
            assert given.ended


async def test_pipelined_requests_are_answered_in_their_order(gateway: Gateway, stage: Stage) -> None:
    bodies = [chat(), streamed(), chat("nothing"), chat(), streamed()]
    async with stage.plays(both), Line(gateway) as line:
        await line.send(b"".join(request(gateway, body) for body in bodies))
        answers = [await line.answer() for _ in bodies]
    assert [answer.status for answer in answers] == [200, 200, 404, 200, 200]
    assert [answer.done for answer in answers if "event-stream" in answer.headers["content-type"]] == [True, True]
    assert len({answer.id for answer in answers}) == len(bodies)


async def test_a_client_that_leaves_with_pipelined_requests_harms_nobody(gateway: Gateway, stage: Stage) -> None:
    async with stage.plays(both):
        async with Line(gateway) as line:
            await line.send(request(gateway, streamed()) * 20)
        assert (await ask(gateway, chat())).status == 200


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_of_http_1_0_gets_an_answer_that_ends_with_the_connection(
    gateway: Gateway, stage: Stage, stream: bool
) -> None:
    async with stage.says(STREAM if stream else WHOLE), Line(gateway) as line:
        await line.send(request(gateway, chat(stream=stream)).replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        given = await line.answer()
        assert "transfer-encoding" not in given.headers
        assert await asyncio.wait_for(line.reader.read(), PATIENCE) == b""
    assert given.status == 200
    assert given.done if stream else given.json["choices"]


async def test_a_client_that_expects_100_continue_is_told_to_go_on(gateway: Gateway, stage: Stage) -> None:
    body = json.dumps(chat()).encode()
    whole = request(gateway, body, headers={"expect": "100-continue"})
    async with stage.says(WHOLE), Line(gateway) as line:
        await line.send(whole[: -len(body)])
        assert (await line.head()).status == 100
        await line.send(body)
        assert (await line.answer()).status == 200


async def test_connection_close_is_kept(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE), Line(gateway) as line:
        await line.post(chat(), headers={"connection": "close"})
        assert (await line.answer()).headers["connection"] == "close"
        assert await line.reader.read() == b""


async def test_a_wish_for_websockets_is_passed_over(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        given = await ask(gateway, chat(), headers={"connection": "upgrade", "upgrade": "websocket"})
    assert given.status in (200, 400)


async def test_a_query_string_is_passed_over(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        assert (await ask(gateway, chat(), "/v1/chat/completions?api-version=1&x=%ff")).status == 200


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"]
)
async def test_the_content_type_does_not_matter(gateway: Gateway, stage: Stage, type_: str) -> None:
    async with stage.says(WHOLE):
        assert (await ask(gateway, chat(), headers={"content-type": type_})).status == 200


@pytest.mark.parametrize("trace", ["trace-1", "Ünï", "x" * 3000, "a;b=c,d"])
async def test_a_trace_id_comes_back_as_it_was_sent(gateway: Gateway, stage: Stage, trace: str) -> None:
    async with stage.says(WHOLE):
        given = await ask(gateway, chat(), headers={"x-portkey-trace-id": trace})
    assert given.headers["x-portkey-trace-id"] == trace
    assert gateway.row(given.id)["trace_id"] == trace


async def test_a_traceparent_names_the_trace(gateway: Gateway, stage: Stage) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with stage.says(WHOLE):
        given = await ask(gateway, chat(), headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert given.headers["x-portkey-trace-id"] == trace


async def test_probes_answer(gateway: Gateway) -> None:
    assert (await get(gateway, "/health/live")).json == {"status": "ok"}
    assert (await get(gateway, "/health/ready")).status == 200


async def test_metrics_count_what_happened(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(WHOLE):
        await ask(gateway, chat())
    shown = (await get(gateway, "/metrics")).body.decode()
    assert 'parley_requests_total{model="m"' in shown or "parley_requests_total{" in shown
    assert "pk_" not in shown


async def test_a_model_that_nobody_knows_gets_no_label_of_its_own(gateway: Gateway) -> None:
    await ask(gateway, chat("an-invented-name"))
    assert "an-invented-name" not in (await get(gateway, "/metrics")).body.decode()

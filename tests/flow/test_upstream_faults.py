"""An upstream that refuses, stalls, cuts or lies: what the client is told and what the ledger says."""

import asyncio
import gzip
import json
from typing import Any

import pytest

from tests.flow.asking import Answer, ask, chat, streamed
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, WHOLE, Stage, event, piece, said
from tests.scripted import Visit, answer, chunk, head, json_answer, silent

MODES = pytest.mark.parametrize("asked", [chat(), streamed()], ids=["whole", "stream"])
Asked = dict[str, Any]


def sentence(given: Answer) -> str:
    """The error's words, after the checks that hold for each error body."""
    body = given.json
    for name in ("message", "type", "param", "code"):
        assert body[name] == body["error"][name]
    assert body["object"] == "error"
    assert isinstance(body["message"], str) and body["message"]
    assert given.headers["x-request-id"].startswith("req_")
    assert given.headers["x-portkey-trace-id"]
    return str(body["message"])


@MODES
async def test_an_upstream_that_refuses_connections_is_a_502(gateway: Gateway, asked: Asked) -> None:
    given = await ask(gateway, {**asked, "model": "nobody"})
    assert given.status == 502
    assert "closed" in sentence(given)
    row = await gateway.closed_row(given.id)
    assert (row["outcome"], row["status"], row["model"], row["provider"]) == ("failed", 502, "nobody", "closed")


@MODES
async def test_an_upstream_that_never_answers_is_a_504(gateway: Gateway, stage: Stage, asked: Asked) -> None:
    async with stage.plays(silent) as upstream:
        given = await ask(gateway, asked)
        await upstream.all_closed()
    assert given.status == 504
    assert "stage" in sentence(given)
    assert (await gateway.closed_row(given.id))["outcome"] == "failed"


async def test_a_stream_whose_upstream_sends_a_head_and_nothing_more_is_a_504(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD)
        await visit.closed()

    async with stage.plays(script):
        given = await ask(gateway, streamed())
    assert given.status == 504
    sentence(given)


async def test_a_stream_that_stands_still_ends_in_an_error_event_and_no_done(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Half"})))
        await visit.closed()

    async with stage.plays(script) as upstream:
        given = await ask(gateway, streamed())
        await upstream.all_closed()
    row = await check_cut(gateway, given)
    assert row["status"] == 504


async def check_cut(gateway: Gateway, given: Answer, text: str = "Half") -> dict[str, Any]:
    """The answer began, is not told as complete, ends with an error event; the record has what was seen of it."""
    assert given.status == 200
    assert given.ended, "the stream's own framing must be whole, so that clients read the error event"
    assert not given.done
    assert text in given.text
    last = given.chunks[-1]
    assert last["error"]["message"] and last["message"] == last["error"]["message"]
    assert "choices" not in last
    row = await gateway.closed_row(given.id)
    assert row["outcome"] == "failed"
    assert row["error"]
    assert text in row["answer"].decode()
    return row


@pytest.mark.parametrize("end", ["close", "cut"])
@pytest.mark.parametrize("framing", ["chunked", "until closed"])
async def test_a_stream_that_is_cut_ends_in_an_error_event_and_no_done(
    gateway: Gateway, stage: Stage, end: str, framing: str
) -> None:
    data = f"data: {json.dumps(piece({'role': 'assistant', 'content': 'Half'}))}\n\n".encode()

    async def script(visit: Visit) -> None:
        await visit.request()
        if framing == "chunked":
            await visit.send(STREAM_HEAD, chunk(data))
        else:
            await visit.send(head(content_type="text/event-stream"), data)
        await asyncio.sleep(0.05)
        await getattr(visit, end)()

    async with stage.plays(script):
        given = await ask(gateway, streamed())
    await check_cut(gateway, given)


async def test_a_stream_with_its_terminator_but_without_its_end_is_cut_all_the_same(
    gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(STREAM_HEAD + event(piece({"role": "assistant", "content": "Half"})) + chunk(b"")):
        given = await ask(gateway, streamed())
    await check_cut(gateway, given)


@pytest.mark.parametrize("end", ["close", "cut"])
async def test_a_whole_answer_that_is_cut_is_a_502(gateway: Gateway, stage: Stage, end: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(length=500, content_type="application/json") + b'{"id": "chatcmpl-')
        await asyncio.sleep(0.05)
        await getattr(visit, end)()

    async with stage.plays(script):
        given = await ask(gateway, chat())
    assert given.status == 502
    assert sentence(given)
    assert (await gateway.closed_row(given.id))["outcome"] == "failed"


@MODES
async def test_a_429_keeps_its_words_and_its_retry_after(gateway: Gateway, stage: Stage, asked: Asked) -> None:
    words = {"error": {"message": "Slow down.", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}}
    async with stage.says(json_answer(words, 429, retry_after="17")):
        given = await ask(gateway, asked)
    assert given.status == 429
    assert given.headers["retry-after"] == "17"
    assert given.json["error"] == words["error"]
    assert sentence(given) == "Slow down."
    row = await gateway.closed_row(given.id)
    assert (row["outcome"], row["status"], row["error"]) == ("refused", 429, "Slow down.")


@MODES
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, "refused"), (401, "refused"), (403, "refused"), (404, "refused"), (422, "refused"), (500, "failed"),
     (503, "failed"), (529, "failed")],
)  # fmt: skip
async def test_an_error_of_the_upstream_passes_through(
    gateway: Gateway, stage: Stage, asked: Asked, status: int, outcome: str
) -> None:
    words = {"error": {"message": f"It is {status}.", "type": "some_type", "param": "model", "code": "some_code"}}
    async with stage.says(json_answer(words, status)):
        given = await ask(gateway, asked)
    assert given.status == status
    assert given.json["error"] == words["error"]
    assert sentence(given) == f"It is {status}."
    row = await gateway.closed_row(given.id)
    assert (row["outcome"], row["status"]) == (outcome, status)


@MODES
async def test_an_error_page_that_is_no_json_becomes_an_error_that_is(
    gateway: Gateway, stage: Stage, asked: Asked
) -> None:
    async with stage.says(answer(b"<html>Bad gateway</html>", 502, content_type="text/html")):
        given = await ask(gateway, asked)
    assert given.status == 502
    assert "Bad gateway" in sentence(given)


@MODES
async def test_an_error_body_that_never_ends_is_a_502(gateway: Gateway, stage: Stage, asked: Asked) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(500, chunked=True))
        while True:
            await visit.send(chunk(b"x" * 60_000))

    async with stage.plays(script):
        given = await ask(gateway, asked)
    assert given.status in (500, 502)
    sentence(given)


@MODES
async def test_a_redirect_is_not_followed_and_not_passed_on(gateway: Gateway, stage: Stage, asked: Asked) -> None:
    async with stage.says(answer(b"", 307, location=f"{stage.url}/elsewhere")) as upstream:
        given = await ask(gateway, asked)
    assert given.status == 502
    assert "location" not in given.headers
    assert "307" in sentence(given)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("status", [201, 204, 304])
async def test_a_success_that_is_no_answer_is_a_502(gateway: Gateway, stage: Stage, status: int) -> None:
    async with stage.says(head(status, length=0)):
        given = await ask(gateway, chat())
    assert given.status == 502
    sentence(given)


@MODES
async def test_a_200_with_an_error_body_is_that_error(gateway: Gateway, stage: Stage, asked: Asked) -> None:
    words = {"error": {"message": "No such luck.", "type": "overloaded", "code": 503}}
    async with stage.says(json_answer(words)):
        given = await ask(gateway, asked)
    assert given.status in (502, 503)
    assert sentence(given) == "No such luck."


async def test_a_stream_whose_first_event_is_an_error_is_that_error(gateway: Gateway, stage: Stage) -> None:
    words = {"error": {"message": "No such luck.", "type": "overloaded", "code": 503}}
    async with stage.says(STREAM_HEAD + event(words) + event("[DONE]") + chunk(b"")):
        given = await ask(gateway, streamed())
    assert given.status == 503
    assert sentence(given) == "No such luck."


async def test_an_error_amid_a_stream_ends_it_in_an_error_event(gateway: Gateway, stage: Stage) -> None:
    words = {"error": {"message": "No such luck.", "type": "overloaded"}}
    begun = event(piece({"role": "assistant", "content": "Half"}))
    async with stage.says(STREAM_HEAD + begun + event(words) + event("[DONE]") + chunk(b"")):
        given = await ask(gateway, streamed())
    await check_cut(gateway, given)
    assert given.chunks[-1]["error"]["message"] == "No such luck."


@pytest.mark.parametrize("nonsense", ["{oops", "[1, 2]", '"text"', '{"choices": 7}', '{"choices": [{"index": "x"}]}'])
async def test_nonsense_amid_a_stream_ends_it_in_an_error_event(gateway: Gateway, stage: Stage, nonsense: str) -> None:
    begun = event(piece({"role": "assistant", "content": "Half"}))
    async with stage.says(STREAM_HEAD + begun + event(nonsense) + event("[DONE]") + chunk(b"")):
        given = await ask(gateway, streamed())
    row = await check_cut(gateway, given)
    assert row["status"] == 502


@pytest.mark.parametrize(
    "body",
    [b"<html>Welcome</html>", b"", b"null", b"[]", b"{}", b'{"choices": []}', b'{"choices": null}', b"\xff\xfe", b'"x"',
     b"[" * 5000],
)  # fmt: skip
@MODES
async def test_an_answer_that_is_none_is_a_502(gateway: Gateway, stage: Stage, body: bytes, asked: Asked) -> None:
    async with stage.says(answer(body, content_type="application/json")):
        given = await ask(gateway, asked)
    assert given.status == 502
    sentence(given)


@pytest.mark.parametrize("events", [(), ("[DONE]",)], ids=["no event", "only its end"])
async def test_an_empty_stream_is_a_502(gateway: Gateway, stage: Stage, events: tuple[str, ...]) -> None:
    async with stage.says(STREAM_HEAD + b"".join(map(event, events)) + chunk(b"")):
        given = await ask(gateway, streamed())
    assert given.status == 502
    sentence(given)


async def test_an_endless_line_ends_in_an_error_and_is_not_kept(gateway: Gateway, stage: Stage) -> None:
    sent = 0

    async def script(visit: Visit) -> None:
        nonlocal sent
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Half"})))
        while True:
            await visit.send(chunk(b"x" * 100_000))
            sent += 100_000

    async with stage.plays(script) as upstream:
        given = await ask(gateway, streamed())
        await upstream.all_closed()
    await check_cut(gateway, given)
    assert sent < 64_000_000


async def test_a_head_that_never_ends_is_a_502(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await visit.send(b"x-more: " + b"y" * 1000 + b"\r\n")

    async with stage.plays(script):
        given = await ask(gateway, chat())
    assert given.status == 502
    sentence(given)


@pytest.mark.parametrize(
    "garbage", [b"220 mail.example ESMTP\r\n\r\n", b"\x16\x03\x01\x02\x00", b"HTTP/1.1 abc\r\n\r\n"]
)
async def test_what_is_not_http_is_a_502(gateway: Gateway, stage: Stage, garbage: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(garbage)
        await visit.close()

    async with stage.plays(script):
        given = await ask(gateway, chat())
    assert given.status == 502
    sentence(given)


async def test_a_packed_answer_is_unpacked(gateway: Gateway, stage: Stage) -> None:
    body = gzip.compress(json.dumps(said("Packed.")).encode())
    async with stage.says(answer(body, content_type="application/json", content_encoding="gzip")):
        given = await ask(gateway, chat())
    assert "content-encoding" not in given.headers
    assert given.json["choices"][0]["message"]["content"] == "Packed."


async def test_a_huge_answer_comes_whole(gateway: Gateway, stage: Stage) -> None:
    text = "Many words. " * 500_000
    async with stage.says(json_answer(said(text))):
        given = await ask(gateway, chat())
    assert given.json["choices"][0]["message"]["content"] == text


async def test_an_answer_of_more_than_64_mib_is_a_502(gateway: Gateway, stage: Stage) -> None:
    async with stage.says(head(length=65 * 2**20, content_type="application/json") + b"{"):
        given = await ask(gateway, chat())
    assert given.status == 502
    sentence(given)


async def test_a_fallback_answers_when_the_first_model_fails_and_the_reason_is_told(
    gateway: Gateway, stage: Stage
) -> None:
    async with stage.says(WHOLE):
        given = await ask(gateway, chat("second"))
    assert given.status == 200
    assert given.headers["x-parley-model"] == "m"
    assert "second" in given.headers["x-parley-fallback-reason"]
    row = gateway.row(given.id)
    assert (row["model"], row["provider"], row["outcome"]) == ("m", "stage", "answered")
    assert row["fallback_reason"]

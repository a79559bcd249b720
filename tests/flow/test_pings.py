"""Long silences of a stream: comment pings keep it alive, and an honest end follows."""

from collections.abc import Iterator

import pytest

from tests.flow.asking import Line, ask, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, Stage, event, pieces
from tests.scripted import Visit, chunk, json_answer


@pytest.fixture(scope="module")
def gateway(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that pings often, and has no patience for a whole request."""
    with Gateway(tmp_path_factory.mktemp("pings"), config(stage, server="ping = 0.15\ntimeout = 0.7")) as made:
        yield made


async def test_a_silence_before_the_first_event_is_filled_with_pings(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.wait(0.4)
        await visit.send(STREAM_HEAD, *map(event, [*pieces(), "[DONE]"]), chunk(b""))
        await visit.closed()

    async with stage.plays(script):
        answer = await ask(gateway, streamed())
    assert answer.body.startswith(b": ping\n\n: ping\n\ndata: {")
    assert answer.done and answer.text == "Good day."
    assert answer.headers["x-request-id"] and answer.headers["content-type"].startswith("text/event-stream")


async def test_a_silence_amid_a_stream_is_filled_with_pings(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        begin, *rest = pieces()
        await visit.send(STREAM_HEAD, event(begin))
        await visit.wait(0.4)
        await visit.send(*map(event, [*rest, "[DONE]"]), chunk(b""))
        await visit.closed()

    async with stage.plays(script):
        answer = await ask(gateway, streamed())
    assert b"}\n\n: ping\n\n: ping\n\ndata: {" in answer.body
    assert answer.done and answer.text == "Good day."


async def test_an_error_after_a_ping_is_an_error_event_and_no_done(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.wait(0.25)
        await visit.send(json_answer({"error": {"message": "Too late.", "type": "x", "code": "y"}}, 429))
        await visit.closed()

    async with stage.plays(script):
        answer = await ask(gateway, streamed())
    assert answer.status == 200 and answer.ended and not answer.done
    assert answer.chunks[-1]["error"]["message"] == "Too late."
    assert (await gateway.closed_row(answer.id))["status"] == 429


async def test_a_stream_past_the_deadline_ends_in_an_error_event(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD)
        while True:
            await visit.send(event(pieces()[1]))
            await visit.wait(0.1)

    async with stage.plays(script) as upstream:
        answer = await ask(gateway, streamed())
        await upstream.all_closed()
    assert answer.ended and not answer.done
    assert answer.chunks[-1]["error"]["message"]
    row = await gateway.closed_row(answer.id)
    assert (row["outcome"], row["status"]) == ("failed", 504)
    assert b"Good" in row["answer"]


async def test_a_whole_request_past_the_deadline_is_a_504(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.closed()

    async with stage.plays(script) as upstream, Line(gateway) as line:
        await line.post(streamed(stream=False))
        answer = await line.answer()
        await upstream.all_closed()
    assert answer.status == 504
    assert (await gateway.closed_row(answer.id))["outcome"] == "failed"

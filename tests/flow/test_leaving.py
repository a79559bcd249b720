"""Clients that leave: their upstream is let go at once, and the record says so."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from tests.flow.asking import Line, chat, streamed
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, Stage, event, piece
from tests.scripted import Script, Upstream, Visit, head, silent

SLACK = 1.0
"""Seconds within which the upstream's connection is closed; on a quiet machine it is a matter of milliseconds."""


async def head_only(visit: Visit) -> None:
    await visit.request()
    await visit.send(STREAM_HEAD)
    await visit.closed()


async def half_a_stream(visit: Visit) -> None:
    await visit.request()
    await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Half"})))
    await visit.closed()


async def busy_stream(visit: Visit) -> None:
    await visit.request()
    await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "Half"})))
    while True:
        await visit.send(event(piece({"content": "more "})), gap=0.002)


async def half_a_body(visit: Visit) -> None:
    await visit.request()
    await visit.send(head(length=500) + b'{"id": ')
    await visit.closed()


async def nothing(line: Line) -> None:
    await asyncio.sleep(0)


async def first_piece(line: Line) -> None:
    await line.head()
    await line.piece()


@pytest.mark.parametrize(
    ("asked", "script", "until"),
    [
        (chat(), silent, nothing),
        (chat(), half_a_body, nothing),
        (streamed(), silent, nothing),
        (streamed(), head_only, nothing),
        (streamed(), half_a_stream, first_piece),
        (streamed(), busy_stream, first_piece),
    ],
    ids=["whole, no head", "whole, half a body", "stream, no head", "stream, no event", "amid a stream", "busy stream"],
)
@pytest.mark.parametrize("abrupt", [False, True], ids=["FIN", "RST"])
async def test_the_upstream_is_closed_at_once_when_the_client_leaves(
    gateway: Gateway,
    stage: Stage,
    asked: dict[str, object],
    script: Script,
    until: Callable[[Line], Awaitable[None]],
    abrupt: bool,
) -> None:
    session = f"left-{id(asked)}-{abrupt}-{script}"
    async with stage.plays(script) as upstream, Line(gateway) as line:
        await line.post({**asked, "session_id": session})
        visit = await arrived(upstream)
        await until(line)
        await asyncio.sleep(0.05)
        left = asyncio.get_running_loop().time()
        if abrupt:
            line.writer.transport.abort()
        else:
            line.writer.close()
        async with asyncio.timeout(SLACK):
            took = await visit.closed() - left
        print(f"closed after {took * 1000:.1f} ms")
    row = await gateway.found("session_id = ?", session)
    assert (row["outcome"], row["status"], row["error"]) == ("left", 499, None)
    if until is first_piece:
        assert json.loads(row["answer"])["content"].startswith("Half")


async def arrived(upstream: Upstream) -> Visit:
    """The visit whose request has come."""
    async with asyncio.timeout(5):
        while not upstream.requests:
            await asyncio.sleep(0.005)
    return upstream.visits[0]


async def test_a_client_that_reads_slowly_holds_the_upstream_back_and_gets_everything(
    gateway: Gateway, stage: Stage
) -> None:
    count, text = 3000, "x" * 10_000

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": ""})))
        for _ in range(count):
            while visit.transport.get_write_buffer_size() > 100_000:
                await asyncio.sleep(0.005)
            visit.transport.write(event(piece({"content": text})))
        await visit.send(event(piece({}, "stop")), event("[DONE]"), b"0\r\n\r\n")
        await visit.closed()

    async with stage.plays(script), Line(gateway) as line:
        await line.post(streamed())
        await asyncio.sleep(0.3)
        answer = await line.answer()
    assert answer.done
    assert len(answer.text) == count * len(text)


async def test_one_client_that_leaves_disturbs_no_other(gateway: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.send(STREAM_HEAD, event(piece({"role": "assistant", "content": "a"})))
            await visit.wait(0.1)
            await visit.send(event(piece({"content": "b"}, "stop")), event("[DONE]"), b"0\r\n\r\n")

    async def stays() -> bool:
        async with Line(gateway) as line:
            await line.post(streamed())
            return (await line.answer()).done

    async def leaves() -> None:
        async with Line(gateway) as line:
            await line.post(streamed())
            await line.head()

    async with stage.plays(script):
        ended = await asyncio.gather(*(stays() if n % 2 else leaves() for n in range(40)))
    assert all(done for n, done in enumerate(ended) if n % 2)

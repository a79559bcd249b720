"""Whatever takes too long ends in its own error; whoever leaves takes the connection along; nobody is flooded."""

import asyncio

import pytest

from parley.wire.http import (
    ConnectionCut,
    ConnectTimedOut,
    DeadlineExceeded,
    FirstByteTimedOut,
    HttpClient,
    HttpError,
    HttpRequest,
    IdleTimedOut,
    Limits,
    Timeouts,
    Url,
)
from tests.scripted import Upstream, Visit, answer, answering, chunk, head, silent
from tests.wire.http.asking import PATIENT, ask, ask_all, chunks

STREAM = head(chunked=True, content_type="text/event-stream")


async def head_only(visit: Visit) -> None:
    await visit.request()
    await visit.send(STREAM)
    await visit.closed()


async def stalling(visit: Visit) -> None:
    await visit.request()
    await visit.send(STREAM + chunk(b"one"))
    await visit.closed()


async def dripping(visit: Visit) -> None:
    await visit.request()
    await visit.send(STREAM)
    while True:
        await visit.send(chunk(b"drip"))
        await visit.wait(0.03)


@pytest.mark.parametrize(
    ("script", "timeouts", "expected"),
    [
        (silent, Timeouts(first_byte=0.1), FirstByteTimedOut),
        (head_only, Timeouts(first_byte=0.1), FirstByteTimedOut),
        (stalling, Timeouts(idle=0.1), IdleTimedOut),
        (dripping, Timeouts(idle=0.2, first_byte=0.2, total=0.4), DeadlineExceeded),
        (silent, Timeouts(total=0.1), DeadlineExceeded),
        (stalling, Timeouts(total=0.1), DeadlineExceeded),
    ],
)
async def test_what_takes_too_long_ends_in_its_own_error_and_closes(
    client: HttpClient, script: object, timeouts: Timeouts, expected: type[HttpError]
) -> None:
    assert callable(script)
    async with Upstream(script) as upstream:
        async with asyncio.timeout(5):
            with pytest.raises(expected):
                await ask_all(client, upstream, timeouts)
            await upstream.all_closed()


async def test_a_deadline_bounds_everything_and_is_looked_at_before_sending(client: HttpClient) -> None:
    now = asyncio.get_running_loop().time()
    async with Upstream(silent) as upstream:
        with pytest.raises(DeadlineExceeded) as caught:
            await ask_all(client, upstream, Timeouts(deadline=now - 1))
        assert not caught.value.sent
        assert not upstream.visits
        with pytest.raises(DeadlineExceeded) as caught:
            await ask_all(client, upstream, Timeouts().until(now + 0.2))
        assert caught.value.sent


async def test_a_slow_stream_is_no_idle_stream(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM, *(chunk(b"x") for _ in range(10)), chunk(b""), gap=0.05)

    async with Upstream(script) as upstream:
        response = await ask(client, upstream, Timeouts(first_byte=0.3, idle=0.3))
        assert b"".join(await chunks(response)) == b"x" * 10


async def test_each_exchange_on_a_kept_connection_has_its_own_limits(client: HttpClient) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"ok"))
        await visit.request()
        await visit.wait(0.3)
        await visit.send(answer(b"late but in time"))
        await silent(visit)

    async with Upstream(script) as upstream:
        assert await ask_all(client, upstream, Timeouts(first_byte=0.2)) == b"ok"
        assert await ask_all(client, upstream, Timeouts(first_byte=5)) == b"late but in time"
        with pytest.raises(FirstByteTimedOut):
            await ask_all(client, upstream, Timeouts(first_byte=0.1))
        assert len(upstream.visits) == 1


async def test_what_never_takes_a_connection_times_out(client: HttpClient) -> None:
    async def never(visit: Visit) -> None:
        await visit.closed()

    async with Upstream(never) as upstream:
        # A TLS handshake that the other side never answers.
        secure = Url.parse(upstream.url.replace("http://", "https://"))
        asked = HttpRequest("GET", secure, "/")
        with pytest.raises(ConnectTimedOut):
            await client.send(asked, Timeouts(connect=0.1))
        with pytest.raises(DeadlineExceeded) as caught:
            await client.send(asked, Timeouts(connect=5, total=0.1))
        assert not caught.value.sent
        await upstream.all_closed()


@pytest.mark.parametrize("script", [silent, head_only, stalling, dripping])
async def test_a_cancelled_task_closes_its_upstream_at_once(client: HttpClient, script: object) -> None:
    assert callable(script)
    loop = asyncio.get_running_loop()
    async with Upstream(script) as upstream:

        async def read_on() -> None:
            response = await ask(client, upstream)
            while await response.next_chunk() is not None:
                pass

        task = asyncio.create_task(read_on())
        await asyncio.sleep(0.1)
        left_at = loop.time()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            closed_at = await upstream.visits[0].closed()
        assert closed_at - left_at < 0.1


async def test_leaving_an_answer_unfinished_closes_its_upstream(client: HttpClient) -> None:
    async with Upstream(dripping) as upstream:
        async with await ask(client, upstream) as response:
            assert await response.next_chunk() == b"drip"
        await upstream.all_closed()
        response.abort()
        with pytest.raises(ConnectionCut):
            await chunks(response)


async def test_giving_up_an_answer_that_is_complete_leaves_the_connection_to_others(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok"))) as upstream:
        first = await ask(client, upstream)
        running = asyncio.create_task(ask_all(client, upstream))
        await asyncio.sleep(0)
        first.abort()
        assert await first.read(10) == b"ok"
        assert await running == b"ok"
        assert len(upstream.visits) == 1


async def test_a_reader_that_does_not_read_holds_the_upstream_back(client: HttpClient) -> None:
    size, pieces = 64 << 10, 400

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(length=size * pieces))
        for _ in range(pieces):
            await visit.send(b"x" * size)

    async with Upstream(script) as upstream, HttpClient(Limits(buffered_bytes=128 << 10)) as held:
        response = await ask(held, upstream, Timeouts(idle=0.2))
        await asyncio.sleep(0.5)
        waiting = upstream.visits[0].transport.get_write_buffer_size()
        assert waiting > size * pieces // 3
        got = await chunks(response)
        assert max(map(len, got)) < 2 << 20
        assert sum(map(len, got)) == size * pieces


async def test_an_upstream_that_stalls_after_it_was_held_back_is_still_noticed() -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head(length=9000), b"x" * 3000, gap=0.02)
        await visit.closed()

    async with Upstream(script) as upstream, HttpClient(Limits(buffered_bytes=1000)) as held:
        response = await ask(held, upstream, Timeouts(idle=0.1, first_byte=None, total=None))
        await asyncio.sleep(0.4)
        async with asyncio.timeout(5):
            with pytest.raises(IdleTimedOut):
                await chunks(response)


async def test_a_kept_connection_is_closed_after_its_rest() -> None:
    async with HttpClient(Limits(idle_seconds=0.1)) as client, Upstream(answering(answer(b"ok"))) as upstream:
        for _ in range(2):
            assert await ask_all(client, upstream, PATIENT) == b"ok"
        assert len(upstream.visits) == 1
        async with asyncio.timeout(5):
            await upstream.all_closed()
        assert await ask_all(client, upstream, PATIENT) == b"ok"


async def test_a_connection_that_the_upstream_will_not_keep_is_not_kept(client: HttpClient) -> None:
    async with Upstream(answering(answer(b"ok", keep_alive="timeout=1"))) as upstream:
        for _ in range(2):
            assert await ask_all(client, upstream) == b"ok"
        assert len(upstream.visits) == 2

"""The pool is bounded, serves those who wait in their order, and loses no place."""

import asyncio

import pytest

from parley.wire.http import DeadlineExceeded, HttpClient, HttpRequest, Limits, PoolFull, Timeouts
from tests.scripted import Upstream, Visit, answer, answering, silent
from tests.wire.http.asking import PATIENT, ask, ask_all, request


async def test_no_more_connections_are_opened_than_allowed() -> None:
    async with (
        HttpClient(Limits(connections=3)) as client,
        Upstream(answering(answer(b"ok"), delay=0.01)) as upstream,
    ):
        assert await asyncio.gather(*(ask_all(client, upstream) for _ in range(20))) == [b"ok"] * 20
        assert len(upstream.visits) == 3


async def test_those_who_wait_are_served_in_their_order() -> None:
    async with (
        HttpClient(Limits(connections=1)) as client,
        Upstream(answering(answer(b"ok"), delay=0.005)) as upstream,
    ):

        async def numbered(number: int) -> None:
            response = await client.send(request(upstream, target=f"/{number}"), PATIENT)
            await response.read(10)

        await asyncio.gather(*(numbered(number) for number in range(8)))
        assert [seen.target for seen in upstream.requests] == [f"/{number}" for number in range(8)]


async def test_who_waits_too_long_is_told_that_all_are_busy() -> None:
    async with (
        HttpClient(Limits(connections=1, wait_seconds=0.1, waiters=1)) as client,
        Upstream(silent) as upstream,
    ):
        busy = asyncio.create_task(ask(client, upstream))
        await asyncio.sleep(0.05)
        first = asyncio.create_task(ask(client, upstream))
        await asyncio.sleep(0)
        with pytest.raises(PoolFull, match="already wait"):
            await ask(client, upstream)
        with pytest.raises(PoolFull, match="busy"):
            await first
        with pytest.raises(DeadlineExceeded) as caught:
            await ask(client, upstream, Timeouts(total=0.05))
        assert not caught.value.sent
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)


async def test_a_place_is_given_on_when_its_holder_leaves_or_fails() -> None:
    async def first_is_silent(visit: Visit) -> None:
        seen = await visit.request()
        if seen.target == "/silent":
            await visit.closed()
        await visit.send(answer(b"ok"))

    async with HttpClient(Limits(connections=1)) as client, Upstream(first_is_silent) as upstream:
        for _ in range(3):
            busy = asyncio.create_task(client.send(request(upstream, target="/silent"), PATIENT))
            await asyncio.sleep(0.02)
            waiting = asyncio.create_task(ask_all(client, upstream))
            quitter = asyncio.create_task(ask_all(client, upstream))
            await asyncio.sleep(0.02)
            quitter.cancel()
            busy.cancel()
            await asyncio.gather(busy, quitter, return_exceptions=True)
            assert await waiting == b"ok"


async def test_a_connection_given_to_one_who_leaves_at_that_moment_is_given_on() -> None:
    async with (
        HttpClient(Limits(connections=1)) as client,
        Upstream(answering(answer(b"ok"), delay=0.05)) as upstream,
    ):

        async def stay(leaving: "asyncio.Task[bytes]") -> None:
            # Who gets the answer runs before the one that is handed the connection in the same step.
            assert await ask_all(client, upstream) == b"ok"
            leaving.cancel()

        async def leave() -> bytes:
            await asyncio.sleep(0.02)
            return await ask_all(client, upstream)

        leaving = asyncio.create_task(leave())
        await stay(leaving)
        await asyncio.gather(leaving, return_exceptions=True)
        assert leaving.cancelled()
        async with asyncio.timeout(5):
            assert await ask_all(client, upstream) == b"ok"
        assert len(upstream.visits) == 1
        assert len(upstream.requests) == 2


async def test_a_place_is_free_again_when_a_connection_could_not_be_opened() -> None:
    async with HttpClient(Limits(connections=1)) as client:
        async with Upstream(answering(answer(b"ok"))) as upstream:
            asked = HttpRequest("GET", request(upstream).url, "/")
        for _ in range(3):
            async with asyncio.timeout(2):
                results = await asyncio.gather(*(client.send(asked, PATIENT) for _ in range(3)), return_exceptions=True)
            assert [type(result).__name__ for result in results] == ["ConnectFailed"] * 3


async def test_many_who_come_and_go_leave_no_place_behind() -> None:
    async def script(visit: Visit) -> None:
        number = 0
        while True:
            await visit.request()
            number += 1
            await asyncio.sleep(0.001 * (number % 3))
            await visit.send(answer(b"ok", connection="close" if number % 5 == 0 else "keep-alive"))

    async with HttpClient(Limits(connections=4)) as client, Upstream(script) as upstream:

        async def one(number: int) -> None:
            task = asyncio.create_task(ask_all(client, upstream))
            if number % 3 == 0:
                await asyncio.sleep(0.001 * (number % 7))
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        async with asyncio.timeout(20):
            await asyncio.gather(*(one(number) for number in range(120)))
            assert await asyncio.gather(*(ask_all(client, upstream) for _ in range(8))) == [b"ok"] * 8
        (lane,) = client._lanes.values()
        assert lane.pool._count == len(lane.pool.connections) <= 4


async def test_only_so_many_connections_are_kept() -> None:
    async with (
        HttpClient(Limits(idle_connections=2)) as client,
        Upstream(answering(answer(b"ok"), delay=0.02)) as upstream,
    ):
        await asyncio.gather(*(ask_all(client, upstream) for _ in range(6)))
        await asyncio.sleep(0.05)
        assert sum(visit.closed_at is None for visit in upstream.visits) == 2


async def test_a_replacement_finds_a_place_in_a_full_pool() -> None:
    async def once(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(b"ok"))
        await visit.request()
        await visit.close()

    async with HttpClient(Limits(connections=2)) as client, Upstream(once) as upstream:
        for _ in range(4):
            assert await asyncio.gather(*(ask_all(client, upstream) for _ in range(2))) == [b"ok"] * 2

"""Slots, the queue, and what happens when a client leaves: running, waiting, or while its prompt is read."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import msgspec
import pytest

from tests.engine.conftest import Furnace, ask, asking, said

PATH = "/v1/chat/completions"
AT_ONCE = 1.0  # seconds; what it takes is about a tenth of that on an idle machine


def endless(**fields: Any) -> dict[str, Any]:
    """A chat of the model with one slot that would take many seconds."""
    return asking("hello", model="single", max_tokens=2000, ignore_eos=True, temperature=1, **fields)


Send = Callable[[dict[str, Any]], Awaitable[socket.socket]]


@pytest.fixture
def send(furnace: Furnace) -> Iterator[Send]:
    """Asks a chat on a raw connection; closing it is leaving, and all are closed at the end."""
    opened: list[socket.socket] = []

    async def send(body: dict[str, Any]) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.append(connection)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, furnace.engine.address.removeprefix("unix:"))
        data = msgspec.json.encode(body)
        head = f"POST {PATH} HTTP/1.1\r\nhost: e\r\ncontent-length: {len(data)}\r\n\r\n".encode()
        await loop.sock_sendall(connection, head + data)
        return connection

    yield send
    for connection in opened:
        connection.close()


async def begun(connection: socket.socket) -> None:
    """Wait for the first bytes of a stream."""
    assert await asyncio.get_running_loop().sock_recv(connection, 1024)


async def test_leaving_a_stream_frees_its_slot(send: Send, client: httpx2.AsyncClient) -> None:
    for _ in range(3):
        connection = await send(endless(stream=True))
        await begun(connection)
        connection.close()
        async with asyncio.timeout(AT_ONCE):
            assert await said(client, "hello", model="single", max_tokens=1)


async def test_leaving_an_answer_that_does_not_stream_frees_its_slot(send: Send, client: httpx2.AsyncClient) -> None:
    connection = await send(endless())
    await asyncio.sleep(0.1)
    connection.close()
    async with asyncio.timeout(AT_ONCE):
        assert await said(client, "hello", model="single", max_tokens=1)


async def test_leaving_while_the_prompt_is_read_frees_the_slot(send: Send, client: httpx2.AsyncClient) -> None:
    await ask(client, "warm", model="broad", max_tokens=1)
    held = [await send(asking("not but " * 1900 + str(n), model="broad", max_tokens=1)) for n in range(2)]
    await asyncio.sleep(0.2)
    for connection in held:
        connection.close()
    async with asyncio.timeout(AT_ONCE * 2):
        await ask(client, "next", model="broad", max_tokens=1)


async def test_a_full_queue_is_a_503_with_retry_after(send: Send, client: httpx2.AsyncClient) -> None:
    running = await send(endless(stream=True))
    await begun(running)
    waiting = [await send(endless()) for _ in range(3)]
    await asyncio.sleep(0.1)
    answer = await client.post(PATH, json=endless())
    assert answer.status_code == 503
    assert answer.headers["retry-after"].isdigit()
    assert answer.json()["error"]["code"] == "overloaded"
    waiting[0].close()
    await asyncio.sleep(0.1)
    late = asyncio.create_task(client.post(PATH, json=endless(max_completion_tokens=1)))
    await asyncio.sleep(0.1)
    assert not late.done()  # the place of the one that left
    for connection in (*waiting[1:], running):
        connection.close()
    assert (await late).status_code == 200


async def test_more_calls_than_slots_all_get_their_answer(client: httpx2.AsyncClient) -> None:
    alone = await said(client, "hello", max_tokens=24)
    together = await asyncio.gather(*(said(client, "hello", max_tokens=24) for _ in range(7)))
    assert together == [alone] * 7

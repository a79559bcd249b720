"""The connection's clock: a request that never arrives whole is ended; an answer may take its time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from uvicorn.server import ServerState

from parley.server.asgi import Receive, Scope, Send
from parley.server.connection import Connection
from tests.flow.asking import Line, request


class Hasty(Connection):
    """A connection with little patience."""

    arrival = 0.3


@dataclass
class Place:
    """Where to ask."""

    port: int
    key: str = "k"


async def slow_app(_: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, then takes longer than a request may take to arrive."""
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(0.5)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """A server of hasty connections."""
    config = uvicorn.Config(slow_app, http=Hasty, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: Hasty(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    yield Place(server.sockets[0].getsockname()[1])
    server.close()


async def test_a_head_that_never_ends_is_a_408(place: Place) -> None:
    async with Line(place) as line:
        await line.send(b"GET / HTTP/1.1\r\nx: ")
        given = await line.answer()
        assert given.status == 408
        assert given.json["error"]["message"] == "The request did not arrive within 0.3 seconds."
        assert await line.reader.read() == b""


async def test_a_head_that_drips_is_a_408_all_the_same(place: Place) -> None:
    async with Line(place) as line:
        await line.send(b"GET / HTTP/1.1\r\n")
        answer = asyncio.create_task(line.answer())
        while not answer.done():
            line.writer.write(b"x: y\r\n")
            await asyncio.sleep(0.05)
        assert (await answer).status == 408


async def test_a_body_that_never_ends_is_a_408(place: Place) -> None:
    async with Line(place) as line:
        await line.send(request(place, {"a": 1})[:-3])
        assert (await line.answer()).status == 408


async def test_a_client_that_says_nothing_is_let_go(place: Place) -> None:
    async with Line(place) as line:
        assert await asyncio.wait_for(line.reader.read(), 5) == b""


async def test_an_answer_may_take_longer_than_a_request(place: Place) -> None:
    async with Line(place) as line:
        for _ in range(2):
            await line.post({"a": 1})
            assert (await line.answer()).body == b"ok"

"""PostgreSQL as the store, end to end: also while it is away, when nobody is refused and nothing is lost."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.flow.asking import ask, chat, get, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.load import Seen, keep_asking, paced
from tests.flow.stage import Stage, both
from tests.store.conftest import a_server

SOON = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A real PostgreSQL that a test may stop."""
    with a_server() as made:
        yield made


@pytest.fixture(scope="module")
def gateway(server: Any, stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Two workers on it."""
    more = f'[store]\nurl = "{server.get_uri()}"\n'
    home: Path = tmp_path_factory.mktemp("postgres")
    with Gateway(home, config(stage, more=more), arguments=("--workers", "2")) as made:
        yield made


async def rows(server: Any) -> dict[str, Any]:
    """Every record by its id, over a connection of our own."""
    connection = await asyncpg.connect(server.get_uri())
    try:
        return {row["id"]: row for row in await connection.fetch("select * from requests")}
    finally:
        await connection.close()


async def test_an_answer_is_committed_before_its_last_byte(gateway: Gateway, stage: Stage, server: Any) -> None:
    async with stage.plays(both):
        for body in (chat(), streamed()):
            answer = await ask(gateway, body)
            kept = (await rows(server))[answer.id]
            assert (kept["outcome"], kept["prompt_tokens"]) == ("answered", 7)
            shown = (await get(gateway, f"/api/requests/{answer.id}")).json
            assert shown["answer"]["content"] == "Good day."


async def test_while_the_store_is_away_nobody_is_refused_and_all_is_there_when_it_is_back(
    gateway: Gateway, stage: Stage, server: Any
) -> None:
    seen, stop = Seen(), asyncio.Event()
    async with stage.plays(paced):
        clients = [asyncio.create_task(keep_asking(gateway, seen, n % 2 == 0, stop)) for n in range(40)]
        await grown(seen, 80)
        await asyncio.to_thread(server.stop)
        await grown(seen, 200)
        away = (await ask(gateway, chat())).status
        ready = await get(gateway, "/health/ready")
        await asyncio.to_thread(server.start)
        await grown(seen, 100)
        stop.set()
        await asyncio.gather(*clients)
    assert away == 200
    assert ready.status == 200
    assert (seen.statuses, seen.refused, seen.unfinished) == ({200}, 0, [])
    async with asyncio.timeout(SOON):
        while missing := set(seen.ended) - set(await rows(server)):
            await asyncio.sleep(0.1)
    assert not missing
    assert not list((gateway.data / "spool").glob("*.damaged"))


async def grown(seen: Seen, more: int) -> None:
    """Waits until so many more clients saw the end of an answer."""
    enough = len(seen.ended) + more
    async with asyncio.timeout(SOON):
        while len(seen.ended) < enough:
            await asyncio.sleep(0.02)


async def test_a_key_can_be_made_and_revoked_after_the_store_was_away(
    gateway: Gateway, stage: Stage, server: Any
) -> None:
    async with asyncio.timeout(SOON):
        while (made := await ask(gateway, {"name": "app", "scopes": ["inference"]}, "/api/keys")).status != 201:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    async with stage.plays(both):
        for _ in range(8):
            assert (await ask(gateway, chat(), key=made.json["key"])).status == 200

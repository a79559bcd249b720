"""The gateway's end, by force or in peace, under load: nothing that a client saw answered is lost."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.asking import Line, ask, chat, streamed
from tests.flow.conftest import config
from tests.flow.gateway import Gateway
from tests.flow.load import Seen, keep_asking, paced
from tests.flow.stage import STREAM_HEAD, Stage, event, pieces
from tests.scripted import Visit, chunk

CLIENTS = 200


@pytest.fixture
def mortal(stage: Stage, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that a test may end."""
    with Gateway(tmp_path / "gateway", config(stage, server="grace = 3")) as made:
        yield made


async def under_load(gateway: Gateway, number: int) -> tuple[Seen, int]:
    """What the clients saw when a signal came, and the exit code."""
    seen, stop = Seen(), asyncio.Event()
    clients = [asyncio.create_task(keep_asking(gateway, seen, n % 2 == 0, stop)) for n in range(CLIENTS)]
    while len(seen.ended) < CLIENTS:
        await asyncio.sleep(0.02)
    gateway.tell(number)
    code = await gateway.ended()
    stop.set()
    await asyncio.gather(*clients)
    return seen, code


async def test_kill_9_under_load_loses_nothing_that_a_client_saw_answered(mortal: Gateway, stage: Stage) -> None:
    async with stage.plays(paced):
        seen, _ = await under_load(mortal, signal.SIGKILL)
    mortal.start()
    kept = {row["id"]: row for row in mortal.rows("outcome = 'answered'")}
    assert len(seen.ended) >= CLIENTS
    assert not [id for id in seen.ended if id not in kept]
    assert all(kept[id]["prompt_tokens"] == 7 for id in seen.ended)
    assert all(row["answer"] for row in kept.values())


async def test_sigterm_under_load_lets_everything_finish_and_exits_0(mortal: Gateway, stage: Stage) -> None:
    async with stage.plays(paced):
        seen, code = await under_load(mortal, signal.SIGTERM)
    assert code == 0, mortal.stderr
    assert not seen.unfinished
    assert seen.statuses == {200}
    rows = {row["id"]: row for row in mortal.rows()}
    assert set(rows) == set(seen.ended)
    assert {row["outcome"] for row in rows.values()} == {"answered"}
    assert not mortal.stderr


async def test_at_sigterm_no_new_client_is_taken_and_a_running_stream_finishes(mortal: Gateway, stage: Stage) -> None:
    go_on = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(pieces()[0]))
        await go_on.wait()
        await visit.send(*map(event, [*pieces()[1:], "[DONE]"]), chunk(b""))
        await visit.closed()

    async with stage.plays(script), Line(mortal) as line, Line(mortal) as idle:
        await line.post(streamed())
        answer = await line.head()
        mortal.tell(signal.SIGTERM)
        assert await idle.reader.read() == b""
        with pytest.raises(OSError):
            async with Line(mortal):
                pass
        go_on.set()
        await line.rest(answer)
        code = await mortal.ended()
    assert code == 0
    assert answer.done and answer.text == "Good day."
    assert mortal.row(answer.id)["outcome"] == "answered"


async def test_a_stream_that_outlasts_the_grace_ends_in_an_error_event(stage: Stage, tmp_path: Path) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD)
        while True:
            await visit.send(event(pieces()[1]), gap=0.05)

    async def whole(gateway: Gateway) -> int:
        return (await ask(gateway, chat())).status

    with Gateway(tmp_path / "gateway", config(stage, server="grace = 1")) as gateway:
        async with stage.plays(script), Line(gateway) as line:
            await line.post(streamed())
            answer = await line.head()
            gateway.tell(signal.SIGTERM)
            await line.rest(answer)
            code = await gateway.ended()
    assert code == 0
    assert answer.ended and not answer.done
    assert answer.chunks[-1]["error"]["type"] == "overloaded_error"
    row = gateway.row(answer.id)
    assert (row["outcome"], row["status"]) == ("failed", 503)
    assert not [line for line in gateway.stderr.splitlines() if "Traceback" in line]


async def test_a_second_signal_does_not_wait_for_what_runs(mortal: Gateway, stage: Stage) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, event(pieces()[1]))
        await visit.closed()

    async with stage.plays(script), Line(mortal) as line:
        await line.post(streamed())
        answer = await line.head()
        mortal.tell(signal.SIGINT)
        await asyncio.sleep(0.3)
        mortal.tell(signal.SIGINT)
        async with asyncio.timeout(2.5):
            assert await mortal.ended() == 0
            await line.rest(answer)
    assert not answer.done
    assert mortal.row(answer.id)["outcome"] == "failed"


async def test_an_idle_gateway_stops_at_once_and_says_nothing(mortal: Gateway) -> None:
    mortal.tell(signal.SIGTERM)
    async with asyncio.timeout(3):
        assert await mortal.ended() == 0
    assert not mortal.stderr

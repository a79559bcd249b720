"""Whatever upstreams and callers do to each other, an answer belongs to its question and no connection is lost."""

import asyncio
from random import Random

import pytest

from parley.wire.http import ConnectionCut, HttpClient, HttpError, Limits, ProtocolViolated
from tests.scripted import Script, Upstream, Visit, answer, chunk, head
from tests.wire.http.asking import PATIENT, chunks, request


def misbehaving(random: Random) -> Script:
    """Echoes each request's path, in every form that HTTP allows and some that it does not."""

    async def script(visit: Visit) -> None:
        while True:
            body = (await visit.request()).target.encode()
            await asyncio.sleep(random.choice([0, 0, 0.001, 0.003]))
            match random.randrange(9):
                case 0:
                    await visit.send(
                        head(chunked=True), *(chunk(body[at : at + 1]) for at in range(len(body))), chunk(b"")
                    )
                case 1:
                    await visit.send(head(100) + answer(body))
                case 2:
                    await visit.send(answer(body, connection="close"))
                    await visit.close()
                case 3:
                    await visit.send(answer(body) + b"poison")
                case 4:
                    await visit.send(answer(body))
                    await visit.close()
                case 5:
                    await visit.close()
                case 6:
                    await visit.send(head(length=len(body)) + body[:-1])
                    await visit.cut()
                case _:
                    await visit.send(answer(body))

    return script


@pytest.mark.parametrize("seed", range(4))
async def test_an_answer_belongs_to_its_question_and_no_place_is_lost(seed: int) -> None:
    random = Random(seed)
    right = cut = 0
    async with HttpClient(Limits(connections=6)) as client, Upstream(misbehaving(random)) as upstream:

        async def ask(number: int) -> None:
            nonlocal right, cut
            target = f"/{seed}/{number}"
            try:
                response = await client.send(request(upstream, target=target), PATIENT)
                body = b"".join(await chunks(response)) if number % 2 else await response.read(100)
            except (ConnectionCut, ProtocolViolated):
                cut += 1
                return
            assert body == target.encode()
            right += 1

        async def ask_and_perhaps_leave(number: int) -> None:
            task = asyncio.create_task(ask(number))
            if number % 4 == 0:
                await asyncio.sleep(random.random() * 0.02)
                task.cancel()
            done = await asyncio.gather(task, return_exceptions=True)
            if isinstance(done[0], AssertionError | HttpError):
                raise done[0]

        async with asyncio.timeout(30):
            await asyncio.gather(*(ask_and_perhaps_leave(number) for number in range(300)))
        assert right > 100
        assert cut > 0
        (lane,) = client._lanes.values()
        assert lane.pool._count == len(lane.pool.connections) <= 6
        assert not lane.pool._waiters

"""Load: many clients that ask one after another until the gateway is gone, and what each of them saw."""

import asyncio
from dataclasses import dataclass, field

from tests.flow.asking import Line, chat, streamed
from tests.flow.gateway import Gateway
from tests.flow.stage import STREAM_HEAD, WHOLE, event, pieces
from tests.scripted import Visit, chunk

PACE = 0.004


@dataclass
class Seen:
    """Ids of requests by what their clients saw: the end, or less; how many were refused, and other statuses."""

    ended: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    refused: int = 0
    statuses: set[int] = field(default_factory=set)


async def paced(visit: Visit) -> None:
    """Answers whole, or as a stream that takes its time."""
    while True:
        asked = await visit.request()
        if asked.json.get("stream"):
            await visit.send(STREAM_HEAD, *map(event, [*pieces(*(["word "] * 8)), "[DONE]"]), chunk(b""), gap=PACE)
        else:
            await visit.send(WHOLE)


async def keep_asking(gateway: Gateway, seen: Seen, stream: bool, stop: asyncio.Event) -> None:
    """Asks again and again, with a connection for each turn, until told to stop or nobody is there."""
    while not stop.is_set():
        try:
            async with Line(gateway) as line:
                await ask_twice(line, seen, stream, stop)
        except (OSError, asyncio.IncompleteReadError):
            seen.refused += 1
            return


async def ask_twice(line: Line, seen: Seen, stream: bool, stop: asyncio.Event) -> None:
    """Two requests on one connection, as clients with a pool do."""
    for _ in range(2):
        await line.post(streamed() if stream else chat())
        answer = await line.head()
        await line.rest(answer)
        seen.statuses.add(answer.status)
        whole = answer.ended and (answer.done if stream and answer.status == 200 else answer.status == 200)
        (seen.ended if whole else seen.unfinished).append(answer.id)
        if stop.is_set() or not answer.ended or answer.headers.get("connection") == "close":
            return

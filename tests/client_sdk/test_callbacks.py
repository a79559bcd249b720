"""A callback is told the evaluation once per answered request, beside the caller, whatever happens."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import InternalServerError

from parley_client import AsyncParley, Evaluation, Parley
from parley_client.asks import Ask
from parley_client.background import Tasks
from parley_client.watching import Watcher
from tests.flow.stage import Stage, pieces, said
from tests.scripted import Script, Seen, Visit, json_answer, sse_answer

HELLO: Any = [{"role": "user", "content": "Hello?"}]
PATIENCE = 10.0
FAULT = {"request_id": "req_1", "status": "FAULT", "results": [{"name": "polite", "status": "FAULT"}]}
PENDING = {"request_id": "req_1", "status": "PENDING", "results": []}
LOST = json_answer({"error": {"message": "There is no evaluation."}, "message": "There is no evaluation."}, 404)

Answers = list[bytes]


class Told:
    """A callback that remembers, and can be waited for."""

    def __init__(self) -> None:
        self.evaluations: list[Evaluation] = []
        self._told = threading.Event()

    def __call__(self, evaluation: Evaluation) -> None:
        self.evaluations.append(evaluation)
        self._told.set()

    async def coroutine(self, evaluation: Evaluation) -> None:
        """As a coroutine function."""
        await asyncio.sleep(0)
        self(evaluation)

    async def one(self) -> Evaluation:
        """What it was told; a second time would fail."""
        assert await asyncio.to_thread(self._told.wait, PATIENCE)
        await asyncio.sleep(0.05)
        (evaluation,) = self.evaluations
        return evaluation


def parley(evaluations: Answers, *, notes: dict[str, Any] | None = None, polls: list[Seen] | None = None) -> Script:
    """A Parley that answers chats, and questions for evaluations by these answers, the last again and again."""

    async def script(visit: Visit) -> None:
        while True:
            seen = await visit.request()
            if seen.target.startswith("/api/evaluations/"):
                if polls is not None:
                    polls.append(seen)
                await visit.send(evaluations.pop(0) if len(evaluations) > 1 else evaluations[0])
            elif seen.json.get("stream"):
                chunks = pieces()
                chunks[-1] |= notes or {}
                stream = sse_answer(*chunks).replace(b"\r\n\r\n", b"\r\nx-request-id: req_1\r\n\r\n", 1)
                await visit.send(stream)
            else:
                await visit.send(json_answer(said(**(notes or {})), x_request_id="req_1"))

    return script


@asynccontextmanager
async def talking(stage: Stage, script: Script) -> AsyncIterator[AsyncParley]:
    """A client that talks to `script`."""
    async with stage.plays(script), AsyncParley(base_url=stage.url, api_key="k", max_retries=0) as client:
        yield client


async def whole(client: AsyncParley, callback: Any) -> None:
    await client.chat.completions.create(messages=HELLO, callback=callback)


async def streamed(client: AsyncParley, callback: Any) -> None:
    async for _ in await client.chat.completions.create(messages=HELLO, stream=True, callback=callback):
        pass


async def left(client: AsyncParley, callback: Any) -> None:
    stream = await client.chat.completions.create(messages=HELLO, stream=True, callback=callback)
    async for _ in stream:
        break
    await stream.close()
    await stream.close()


def plain_whole(client: Parley, callback: Any) -> None:
    client.chat.completions.create(messages=HELLO, callback=callback)


def plain_streamed(client: Parley, callback: Any) -> None:
    for _ in client.chat.completions.create(messages=HELLO, stream=True, callback=callback):
        pass


def plain_left(client: Parley, callback: Any) -> None:
    with client.chat.completions.create(messages=HELLO, stream=True, callback=callback) as stream:
        next(stream)


ASYNC = [whole, streamed, left]
PLAIN = [plain_whole, plain_streamed, plain_left]


@pytest.mark.parametrize("coroutine", [False, True])
@pytest.mark.parametrize("ask", ASYNC)
async def test_it_is_told_once_when_the_evaluation_is_there(
    stage: Stage, ask: Callable[[AsyncParley, Any], Awaitable[None]], coroutine: bool
) -> None:
    told, polls = Told(), list[Seen]()
    async with talking(stage, parley([json_answer(PENDING), json_answer(FAULT)], polls=polls)) as client:
        await ask(client, told.coroutine if coroutine else told)
        evaluation = await told.one()
    assert evaluation.faults[0].name == "polite"
    assert len(polls) == 2
    assert all(seen.target.startswith("/api/evaluations/req_1?wait=") for seen in polls)
    assert polls[0].headers["authorization"] == "Bearer k"


@pytest.mark.parametrize("coroutine", [False, True])
@pytest.mark.parametrize("ask", PLAIN)
async def test_the_synchronous_client_tells_it_as_well(
    stage: Stage, ask: Callable[[Parley, Any], None], coroutine: bool
) -> None:
    told = Told()
    async with stage.plays(parley([json_answer(PENDING), json_answer(FAULT)])):
        client = Parley(base_url=stage.url, api_key="k", max_retries=0)
        await asyncio.to_thread(ask, client, told.coroutine if coroutine else told)
        evaluation = await told.one()
        await asyncio.to_thread(client.close)
    assert evaluation.status == "FAULT"


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_what_came_with_the_answer_is_not_asked_for_again(
    stage: Stage, ask: Callable[[AsyncParley, Any], Awaitable[None]]
) -> None:
    told, polls = Told(), list[Seen]()
    async with talking(stage, parley([LOST], notes={"evaluation": FAULT}, polls=polls)) as client:
        await ask(client, told)
    assert (await told.one()).status == "FAULT"
    assert not polls


async def test_an_evaluation_that_parley_does_not_give_is_an_error_with_its_reason(stage: Stage) -> None:
    told = Told()
    refusal = json_answer({"error": {"message": "No."}, "message": "This key may not."}, 403)
    async with talking(stage, parley([refusal])) as client:
        await whole(client, told)
    evaluation = await told.one()
    assert evaluation.status == "ERROR"
    assert evaluation.request_id == "req_1"
    assert evaluation.reason is not None
    assert "No." in evaluation.reason


async def test_a_request_that_parley_has_not_written_down_yet_is_asked_for_again(stage: Stage) -> None:
    told = Told()
    async with talking(stage, parley([LOST, json_answer(FAULT)])) as client:
        await whole(client, told)
    assert (await told.one()).status == "FAULT"


async def test_a_callback_that_raises_harms_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Evaluation) -> None:
        raise RuntimeError("on purpose")

    told = Told()
    async with talking(stage, parley([json_answer(FAULT)])) as client:
        await whole(client, broken)
        await whole(client, told)
    assert (await told.one()).status == "FAULT"
    assert "callback" in caplog.text


async def test_a_callback_that_never_returns_does_not_keep_the_client_open(stage: Stage) -> None:
    begun, never = threading.Event(), threading.Event()

    def stuck(_: Evaluation) -> None:
        begun.set()
        never.wait()

    async with stage.plays(parley([json_answer(FAULT)])):
        client = Parley(base_url=stage.url, api_key="k", max_retries=0, grace=0.1)
        await asyncio.to_thread(plain_whole, client, stuck)
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(client.close)
    never.set()


async def test_closing_tells_callbacks_that_still_wait_that_the_evaluation_is_not_known(stage: Stage) -> None:
    told = Told()
    async with stage.plays(parley([json_answer(PENDING)])):
        client = AsyncParley(base_url=stage.url, api_key="k", max_retries=0, grace=0.2)
        await whole(client, told)
        await client.close()
        evaluation = await told.one()
    assert evaluation.status == "ERROR"
    assert evaluation.reason is not None
    assert "closed" in evaluation.reason


async def test_a_raw_response_has_its_callback_told_too(stage: Stage) -> None:
    told = Told()
    async with talking(stage, parley([json_answer(FAULT)])) as client:
        raw = await client.chat.completions.with_raw_response.create(  # type: ignore[call-overload]
            messages=HELLO, callback=told
        )
    assert raw.headers["x-request-id"] == "req_1"
    assert (await told.one()).status == "FAULT"


async def test_a_request_that_fails_tells_nobody_but_its_caller(stage: Stage) -> None:
    told = Told()

    async def down(visit: Visit) -> None:
        await visit.request()
        await visit.send(json_answer({"error": {"message": "Down."}}, 503))

    async with talking(stage, down) as client:
        with pytest.raises(InternalServerError, match="Down"):
            await whole(client, told)
    assert not told.evaluations


async def test_no_more_evaluations_are_waited_for_than_may_be() -> None:
    asked = asyncio.Event()

    async def never(_: Ask[Any]) -> Any:
        asked.set()
        await asyncio.Event().wait()

    tasks, waiting, beyond = Tasks(), Told(), Told()
    watcher = Watcher(tasks, never, most=1)
    watcher.watch("req_1", waiting)
    await asked.wait()
    watcher.watch("req_2", beyond)
    assert (await beyond.one()).reason == "1 evaluations are waited for already."
    assert not waiting.evaluations
    await tasks.drain(0.0)
    assert (await waiting.one()).status == "ERROR"


async def test_an_evaluation_that_does_not_come_in_time_is_an_error() -> None:
    async def pending(_: Ask[Any]) -> Any:
        return Evaluation.construct(status="PENDING")

    tasks, told = Tasks(), Told()
    Watcher(tasks, pending, patience=0.1).watch("req_1", told)
    evaluation = await told.one()
    assert evaluation.status == "ERROR"
    assert evaluation.reason is not None
    assert "in time" in evaluation.reason

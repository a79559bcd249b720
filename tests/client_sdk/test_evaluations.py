"""The flags of evaluation, seen through the SDK on a real Parley: judged afterwards, mended before, held back."""

import asyncio
from typing import Any

from parley_client import AsyncParley, Evaluation, Parley
from tests.flow.stage import STREAM_HEAD, Stage, event, pieces, said
from tests.scripted import Visit, json_answer, sse_answer

WHOSE: Any = {"messages": [{"role": "user", "content": "Sure?"}], "application": "support", "intent": "REFUND"}
PATIENCE = 15.0


async def promising(visit: Visit) -> None:
    """Promises what it must not."""
    while True:
        asked = await visit.request()
        stream = sse_answer(*pieces("We ", "guarantee", " it."))
        await visit.send(stream if asked.json.get("stream") else json_answer(said("We guarantee it.")))


async def test_a_callback_hears_of_the_fault_after_the_answer(client: AsyncParley, stage: Stage) -> None:
    heard: asyncio.Queue[Evaluation] = asyncio.Queue()
    async with stage.plays(promising):
        answer = await client.chat.completions.create(**WHOSE, callback=heard.put_nowait)
        async for _ in await client.chat.completions.create(**WHOSE, stream=True, callback=heard.put):
            pass
        async with asyncio.timeout(PATIENCE):
            told = [await heard.get(), await heard.get()]
    assert answer.text == "We guarantee it."
    assert answer.evaluation is None
    assert [one.status for one in told] == ["FAULT", "FAULT"]
    assert len({one.request_id for one in told}) == 2


async def test_a_corrected_answer_says_so(client: AsyncParley, stage: Stage) -> None:
    heard: asyncio.Queue[Evaluation] = asyncio.Queue()
    async with stage.plays(promising):
        answer = await client.chat.completions.create(**WHOSE, apply_corrections=True, callback=heard.put)
        async with asyncio.timeout(PATIENCE):
            told = await heard.get()
    assert answer.text == "We [redacted] it."
    assert answer.correction_applied
    assert answer.choices[0].is_correction
    assert answer.evaluation is not None
    assert (answer.evaluation.status, answer.evaluation.delivered) == ("FAULT", "PASS")
    assert told == answer.evaluation


async def test_a_stream_in_safe_mode_carries_its_evaluation_in_the_last_chunk(plain: Parley, stage: Stage) -> None:
    def talk() -> tuple[str, Evaluation | None]:
        with plain.chat.completions.create(**WHOSE, stream=True, safe_mode=True) as stream:
            text = "".join(choice.delta.content or "" for chunk in stream for choice in chunk.choices)
        return text, stream.evaluation

    async with stage.plays(promising):
        text, evaluation = await asyncio.to_thread(talk)
    assert text == "We [redacted] it."
    assert evaluation is not None
    assert evaluation.correction_applied


async def test_a_stream_that_was_left_has_nothing_to_judge(client: AsyncParley, stage: Stage) -> None:
    heard: asyncio.Queue[Evaluation] = asyncio.Queue()

    async def unhurried(visit: Visit) -> None:
        await visit.request()
        await visit.send(STREAM_HEAD, *map(event, pieces("We ", "guarantee ", "it.")[:2]))
        await visit.closed()

    async with stage.plays(unhurried) as upstream:
        stream = await client.chat.completions.create(**WHOSE, stream=True, callback=heard.put)
        async for _ in stream:
            break
        await stream.close()
        await upstream.all_closed()
        async with asyncio.timeout(PATIENCE):
            assert (await heard.get()).status == "NA"

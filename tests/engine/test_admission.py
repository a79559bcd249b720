"""Admission alone: how many run, how many wait, for how long."""

import asyncio

import pytest

from parley.core.errors import Overloaded
from parley.engine.process.admission import Admission


async def hold(admission: Admission, until: asyncio.Event) -> None:
    async with admission.slot():
        await until.wait()


async def test_a_call_that_waits_too_long_is_told_to_come_back() -> None:
    admission, end = Admission(1, 5, 0.05), asyncio.Event()
    holder = asyncio.create_task(hold(admission, end))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await hold(admission, end)
    assert refused.value.retry_after
    assert (admission.running, admission.waiting) == (1, 0)
    end.set()
    await holder


async def test_a_full_queue_refuses_at_once() -> None:
    admission, end = Admission(1, 1, 5.0), asyncio.Event()
    tasks = [asyncio.create_task(hold(admission, end)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="1 calls wait"):
        await hold(admission, end)
    end.set()
    await asyncio.gather(*tasks)


async def test_a_waiting_call_that_is_cancelled_leaves_the_queue_and_the_slot_is_not_lost() -> None:
    admission, end = Admission(1, 5, 5.0), asyncio.Event()
    tasks = [asyncio.create_task(hold(admission, end)) for _ in range(4)]
    await asyncio.sleep(0)
    assert (admission.running, admission.waiting) == (1, 3)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.sleep(0.01)
    assert admission.waiting == 1
    tasks[0].cancel()
    await asyncio.sleep(0.01)
    assert (admission.running, admission.waiting) == (1, 0)
    end.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert admission.running == 0

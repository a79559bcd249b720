"""The worker does what is owed, tries again what failed, and gives back what it did not finish."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from parley.core.enclosures import DONE, FAILED, WAITING, Enclosure, Job
from parley.jobs.ports import Handler
from parley.jobs.worker import Worker
from parley.store import Store, open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(None, tmp_path)
    yield store
    await store.close()


def a_job(id: str, kind: str = "k", **more: object) -> Job:
    return Job(id=id, kind=kind, created=time.time(), due=time.time(), **more)


async def state_of(store: Store, id: str, wanted: str) -> Job:
    async with asyncio.timeout(10):
        while (job := await store.jobs.get(id)) is None or job.state != wanted:
            await asyncio.sleep(0.01)
    return job


def working(store: Store, handler: Handler, **more: int) -> Worker:
    return Worker(store.jobs, {"k": handler}, **more)


async def test_jobs_are_done_once_and_their_rows_are_there_with_their_end(store: Store) -> None:
    seen: list[str] = []

    async def handler(job: Job) -> Sequence[Enclosure]:
        seen.append(job.id)
        return [a_job(f"after {job.id}", kind="other")]

    worker = working(store, handler, at_once=8)
    await worker.start()
    await store.jobs.put([a_job(f"j{n}") for n in range(100)])
    worker.wake()
    for n in range(100):
        await state_of(store, f"j{n}", DONE)
    await worker.stop()
    assert sorted(seen) == sorted(f"j{n}" for n in range(100))
    assert await store.jobs.waiting() == {"other": 100}


async def test_a_job_that_fails_is_tried_again(store: Store) -> None:
    tries: list[int] = []

    async def handler(job: Job) -> Sequence[Enclosure]:
        tries.append(job.tries)
        if job.tries < 2:
            raise RuntimeError("not yet")
        return ()

    worker = working(store, handler)
    await worker.start()
    await store.jobs.put([a_job("j")])
    await state_of(store, "j", DONE)
    await worker.stop()
    assert tries == [1, 2]


async def test_a_job_that_fails_to_the_last_is_given_up_with_its_sentence(store: Store) -> None:
    async def handler(job: Job) -> Sequence[Enclosure]:
        raise RuntimeError("never")

    worker = working(store, handler)
    await worker.start()
    await store.jobs.put([a_job("j", tries=4)])
    job = await state_of(store, "j", FAILED)
    await worker.stop()
    assert job.error == "RuntimeError: never"


async def test_a_worker_that_stops_gives_its_jobs_back_at_once(store: Store) -> None:
    begun = asyncio.Event()

    async def endless(job: Job) -> Sequence[Enclosure]:
        begun.set()
        await asyncio.sleep(3600)
        return ()

    worker = working(store, endless)
    await worker.start()
    await store.jobs.put([a_job("j")])
    worker.wake()
    await begun.wait()
    await worker.stop()
    job = await state_of(store, "j", WAITING)
    assert job.leased_until is not None and job.leased_until <= time.time()

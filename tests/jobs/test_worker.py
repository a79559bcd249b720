"""The worker does what is owed, tries again what failed, and gives back what it did not finish."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from msgspec import structs

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


async def test_jobs_that_are_held_are_done_without_being_looked_for_and_never_by_others(store: Store) -> None:
    seen: list[str] = []

    async def handler(job: Job) -> Sequence[Enclosure]:
        seen.append(job.id)
        return [a_job(f"after {job.id}", kind="other")]

    ours, others = working(store, handler, at_once=4), working(store, handler)
    await ours.start()
    jobs = [ours.hold(a_job(f"j{n}")) for n in range(20)]
    await store.jobs.put(jobs)
    await others.start()
    others.wake()
    await asyncio.sleep(0.1)
    assert seen == []
    ours.begin(jobs)
    for n in range(20):
        await state_of(store, f"j{n}", DONE)
    await ours.stop()
    await others.stop()
    assert seen == [f"j{n}" for n in range(20)] and await store.jobs.waiting() == {"other": 20}


async def test_what_has_a_lane_or_a_later_time_is_not_held(store: Store) -> None:
    async def handler(job: Job) -> Sequence[Enclosure]:
        return ()

    worker = working(store, handler)
    early = a_job("early")
    assert worker.hold(early) is early  # it does not work yet
    await worker.start()
    for job in (a_job("laned", lane="user"), a_job("strange", kind="x"), structs.replace(early, due=time.time() + 60)):
        assert worker.hold(job) is job
    await worker.stop()


async def test_jobs_that_are_held_when_the_worker_stops_are_free_at_once(store: Store) -> None:
    async def endless(job: Job) -> Sequence[Enclosure]:
        await asyncio.sleep(3600)
        return ()

    worker = working(store, endless, at_once=1)
    await worker.start()
    jobs = [worker.hold(a_job(f"j{n}")) for n in range(3)]
    await store.jobs.put(jobs)
    worker.begin(jobs)
    await asyncio.sleep(0.05)
    await worker.stop()
    assert len(await store.jobs.claim(["k"], 10, time.time(), 30)) == 3

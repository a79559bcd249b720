"""Jobs are owed with the record, claimed by one worker, and end together with what they brought about."""

import asyncio
import time
from pathlib import Path

from msgspec import structs

from parley.core.enclosures import DONE, FAILED, WAITING, Job
from parley.core.record import Sealed
from parley.jobs.ports import Ended
from parley.store import Ledger, Store, open_ledger
from parley.store.enclosures import TABLES
from parley.store.spool import Spool
from tests.store.sample import a_record


def a_job(id: str, **changes: object) -> Job:
    return structs.replace(Job(id=id, kind="k", created=1.0, due=1.0), **changes)


def test_every_enclosure_has_its_fields_as_columns() -> None:
    for kind, table in TABLES.items():
        assert set(kind.__struct_fields__) == set(table.c.keys())


async def test_a_job_is_committed_with_its_record(store: Store, ledger: Ledger) -> None:
    sealed = Sealed(**structs.asdict(a_record("r")), enclosures=(a_job("j1"), a_job("j2")))
    await asyncio.gather(ledger.put(sealed), ledger.put(a_record("s")))
    await ledger.put(sealed)  # a replay owes nothing twice
    assert (await store.requests.get("r")) == a_record("r")
    assert await store.jobs.waiting() == {"k": 2}


async def test_what_the_spool_replays_brings_its_jobs_along(store: Store, url: str, tmp_path: Path) -> None:

    spool = Spool(tmp_path / "spool", reserve=0)
    spool.prepare()
    spool.append([Sealed(**structs.asdict(a_record("r")), enclosures=(a_job("j"),))])
    spool.close()
    ledger = open_ledger(url, "commit", tmp_path / "spool")
    await ledger.start()
    await ledger.put(a_record("s"))
    async with asyncio.timeout(5):
        while await store.jobs.waiting() != {"k": 1}:
            await asyncio.sleep(0.01)
    await ledger.stop(5)


async def test_two_workers_never_claim_the_same_job(store: Store) -> None:
    await store.jobs.put([a_job(f"j{n}") for n in range(40)])
    claims = await asyncio.gather(*(store.jobs.claim(["k"], 10, time.time(), 30) for _ in range(6)))
    ids = [job.id for claim in claims for job in claim]
    assert len(ids) == len(set(ids)) == 40


async def test_a_lane_gives_one_job_at_a_time_and_in_order(store: Store) -> None:
    await store.jobs.put([a_job(f"j{n}", lane="user", created=float(n)) for n in range(3)] + [a_job("free")])
    now = time.time()
    assert {job.id for job in await store.jobs.claim(["k"], 10, now, 30)} == {"j0", "free"}
    assert await store.jobs.claim(["k"], 10, now, 30) == []
    await store.jobs.settle([Ended(id="j0", error="away", again=now + 5)])
    assert await store.jobs.claim(["k"], 10, now, 30) == []  # the oldest is tried again before the next one
    assert [job.id for job in await store.jobs.claim(["k"], 10, now + 6, 30)] == ["j0"]
    await store.jobs.settle([Ended(id="j0")])
    assert [job.id for job in await store.jobs.claim(["k"], 10, now + 6, 30)] == ["j1"]


async def test_a_lease_that_ran_out_frees_the_job_and_a_renewed_one_does_not(store: Store) -> None:
    await store.jobs.put([a_job("j")])
    now = time.time()
    assert [job.tries for job in await store.jobs.claim(["k"], 1, now, 30)] == [1]
    await store.jobs.renew(["j"], now + 60)
    assert await store.jobs.claim(["k"], 1, now + 31, 30) == []
    assert [job.tries for job in await store.jobs.claim(["k"], 1, now + 61, 30)] == [2]
    await store.jobs.free()
    assert [job.tries for job in await store.jobs.claim(["k"], 1, now, 30)] == [3]


async def test_a_jobs_end_and_what_it_brought_about_are_one_transaction(store: Store) -> None:
    await store.jobs.put([a_job("j")])
    await store.jobs.settle([Ended(id="j", enclosures=(a_job("next", kind="other"),))])
    assert await store.jobs.waiting() == {"other": 1}
    done = await store.jobs.get("j")
    assert done is not None and done.state == DONE


async def test_a_job_that_is_given_up_stays_to_be_seen(store: Store) -> None:
    await store.jobs.put([a_job("j"), a_job("k")])
    await store.jobs.settle([Ended(id="j", error="no", again=5.0), Ended(id="k", error="never")])
    tried, given_up = await store.jobs.get("j"), await store.jobs.get("k")
    assert tried is not None and (tried.state, tried.error, tried.leased_until) == (WAITING, "no", 5.0)
    assert given_up is not None and (given_up.state, given_up.error) == (FAILED, "never")


async def test_done_jobs_are_forgotten_when_they_are_old(store: Store) -> None:
    await store.jobs.put([a_job("old"), a_job("owed")])
    await store.jobs.settle([Ended(id="old")])
    await store.jobs.purge(before=2.0)
    assert await store.jobs.get("old") is None and await store.jobs.get("owed") is not None


async def test_a_job_that_was_done_or_taken_away_meanwhile_brings_nothing_about(store: Store) -> None:
    await store.jobs.put([a_job("done"), a_job("late")])
    await store.jobs.claim(["k"], 2, time.time(), 30)
    await store.jobs.settle([Ended(id="done", enclosures=(a_job("first"),))])
    await store.jobs.settle(
        [Ended(id="done", enclosures=(a_job("second"),)), Ended(id="gone", enclosures=(a_job("x"),))]
    )
    await store.jobs.settle([Ended(id="done", error="late", again=1.0)])
    assert [(await store.jobs.get(id)) is None for id in ("first", "second", "x")] == [False, True, True]
    done = await store.jobs.get("done")
    assert done is not None and done.state == DONE

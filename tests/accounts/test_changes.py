"""Changes that other workers made."""

import asyncio

import pytest

from parley.accounts.changes import Changes

from .in_memory import RevisionsInMemory


class Reader:
    def __init__(self):
        self.times = 0
        self.fails = False

    async def __call__(self):
        if self.fails:
            raise OSError("the store is away")
        self.times += 1


async def test_everything_is_read_once_at_the_start():
    keys, applications = Reader(), Reader()
    changes = Changes(RevisionsInMemory(), {"keys": keys, "applications": applications}, every=60)
    await changes.start()
    await changes.look()
    await changes.stop()
    assert (keys.times, applications.times) == (1, 1)


async def test_only_what_moved_is_read_again():
    revisions, keys, applications = RevisionsInMemory(), Reader(), Reader()
    changes = Changes(revisions, {"keys": keys, "applications": applications}, every=60)
    await changes.start()
    revisions.bump("keys")
    revisions.bump("something else")
    await changes.look()
    await changes.stop()
    assert (keys.times, applications.times) == (2, 1)


async def test_a_reading_that_failed_is_done_again():
    revisions, keys = RevisionsInMemory(), Reader()
    changes = Changes(revisions, {"keys": keys}, every=60)
    await changes.start()
    revisions.bump("keys")
    keys.fails = True
    with pytest.raises(OSError):
        await changes.look()
    keys.fails = False
    await changes.look()
    await changes.stop()
    assert keys.times == 2


async def test_a_change_counts_within_a_second_and_outlives_an_absence_of_the_store():
    revisions, keys = RevisionsInMemory(), Reader()
    changes = Changes(revisions, {"keys": keys}, every=0.01)
    await changes.start()
    revisions.away = True
    await asyncio.sleep(0.05)
    revisions.bump("keys")
    revisions.away = False
    async with asyncio.timeout(5):
        while keys.times < 2:
            await asyncio.sleep(0.01)
    await changes.stop()


async def test_a_store_that_is_away_at_the_start_is_an_error():
    revisions = RevisionsInMemory()
    revisions.away = True
    with pytest.raises(OSError):
        await Changes(revisions, {}).start()

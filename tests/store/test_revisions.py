"""The counters that announce changes."""

import asyncio

from parley.store import Store


async def test_a_counter_rises_by_one_for_every_change(store: Store) -> None:
    assert await store.revisions.read() == {}
    await store.revisions.bump("keys")
    await store.revisions.bump("keys")
    await store.revisions.bump("prices")
    assert await store.revisions.read() == {"keys": 2, "prices": 1}


async def test_no_change_is_lost_when_many_come_at_once(store: Store) -> None:
    await asyncio.gather(*(store.revisions.bump("keys") for _ in range(20)))
    assert await store.revisions.read() == {"keys": 20}

"""Applications, intents and the versions of their configuration, on both databases."""

import asyncio

import pytest

from parley.core.errors import BadRequest, Conflict
from parley.core.holdings import Named, Settled
from parley.store import Store


def settled(version: int, config: dict[str, object], intent: str | None = "REFUND") -> Settled:
    return Settled(application="support", intent=intent, version=version, created=10.5, author="key_1", config=config)


async def test_meeting_an_application_twice_keeps_the_first_time(store: Store) -> None:
    await store.applications.touch("support", "REFUND", 10.0)
    await store.applications.touch("support", "REFUND", 20.0)
    page = await store.applications.page(10)
    assert page.data == [
        Named(application="support", intent=None, created=10.0),
        Named(application="support", intent="REFUND", created=10.0),
    ]
    assert page.next is None
    assert await store.applications.all_current() == []
    assert await store.revisions.read() == {}


async def test_versions_count_up_and_the_last_one_counts(store: Store) -> None:
    first = await store.applications.settle("support", "REFUND", {"model": "a"}, "key_1", 10.5)
    second = await store.applications.settle("support", "REFUND", {"model": "b", "x": [1, None]}, "key_1", 10.5, 1)
    assert (first, second) == (settled(1, {"model": "a"}), settled(2, {"model": "b", "x": [1, None]}))
    assert await store.applications.current("support", "REFUND") == second
    assert await store.applications.version("support", "REFUND", 1) == first
    assert await store.applications.version("support", "REFUND", 3) is None
    assert await store.applications.current("support", None) is None
    assert await store.applications.all_current() == [second]
    assert await store.revisions.read() == {"applications": 2}


async def test_a_version_that_is_not_the_expected_one_is_a_conflict(store: Store) -> None:
    await store.applications.settle("support", None, {}, "key_1", 10.5, 0)
    with pytest.raises(Conflict, match="current version is 1, not 0"):
        await store.applications.settle("support", None, {"x": 1}, "key_1", 10.5, 0)
    assert await store.applications.current("support", None) == settled(1, {}, None)
    assert await store.revisions.read() == {"applications": 1}


async def test_of_many_who_expect_the_same_version_one_wins(store: Store) -> None:
    await store.applications.settle("support", None, {}, "key_1", 10.5)
    tries = (store.applications.settle("support", None, {"n": n}, "key_1", 10.5, 1) for n in range(8))
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, Settled) for end in ends) == 1
    assert sum(isinstance(end, Conflict) for end in ends) == 7


async def test_of_many_who_expect_nothing_everybody_gets_a_version(store: Store) -> None:
    tries = (store.applications.settle("support", "REFUND", {"n": n}, "key_1", 10.5) for n in range(8))
    ends = await asyncio.gather(*tries)
    assert sorted(end.version for end in ends) == list(range(1, 9))


async def test_versions_are_listed_newest_first_page_by_page(store: Store) -> None:
    for n in range(1, 6):
        await store.applications.settle("support", "REFUND", {"n": n}, "key_1", 10.5)
    page = await store.applications.versions("support", "REFUND", 3)
    assert [s.version for s in page.data] == [5, 4, 3]
    page = await store.applications.versions("support", "REFUND", 3, page.next)
    assert [s.version for s in page.data] == [2, 1]
    assert page.next is None


async def test_names_are_listed_page_by_page(store: Store) -> None:
    await store.applications.settle("b", "y", {}, "file", 1.0)
    await store.applications.touch("a", "x", 2.0)
    seen: list[tuple[str, str | None, int]] = []
    after: str | None = None
    while True:
        page = await store.applications.page(1, after)
        seen += [(name.application, name.intent, name.version) for name in page.data]
        after = page.next
        if after is None:
            break
    assert seen == [("a", None, 0), ("a", "x", 0), ("b", None, 0), ("b", "y", 1)]
    assert await store.applications.intents("b") == [Named(application="b", intent="y", created=1.0, version=1)]


async def test_a_deleted_application_takes_its_intents_along(store: Store) -> None:
    await store.applications.settle("a", "x", {}, "file", 1.0)
    await store.applications.settle("a", "y", {}, "file", 1.0)
    await store.applications.settle("b", None, {}, "file", 1.0)
    assert await store.applications.delete("a", "x")
    assert [name.intent for name in await store.applications.intents("a")] == ["y"]
    assert await store.applications.delete("a", None)
    assert not await store.applications.delete("a", None)
    assert [name.application for name in (await store.applications.page(9)).data] == ["b"]
    assert (await store.applications.versions("a", "y")).data == []


async def test_a_cursor_that_nobody_gave_out_is_a_bad_request(store: Store) -> None:
    for list_of in (store.applications.page(2, "?"), store.applications.versions("a", None, 2, "?")):
        with pytest.raises(BadRequest) as told:
            await list_of
        assert told.value.param == "after"

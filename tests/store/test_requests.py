"""Records as they are read back, on both databases."""

import asyncio
from typing import Any

import pytest

from parley.core.errors import BadRequest
from parley.core.record import Record
from parley.store import Ledger, Store
from tests.store.sample import a_full_record, a_record


async def put(ledger: Ledger, *records: Record) -> None:
    await asyncio.gather(*map(ledger.put, records))


async def all_pages(store: Store, limit: int, filters: dict[str, Any] | None = None) -> list[str]:
    seen: list[str] = []
    after: str | None = None
    while True:
        page = await store.requests.page(limit, after, filters)
        seen += [record.id for record in page.data]
        after = page.next
        if after is None:
            return seen


async def test_a_record_comes_back_as_it_was(store: Store, ledger: Ledger) -> None:
    await put(ledger, a_full_record("full"), a_record("plain"))
    assert await store.requests.get("full") == a_full_record("full")
    assert await store.requests.get("plain") == a_record("plain")


async def test_a_record_is_found_by_either_id(store: Store, ledger: Ledger) -> None:
    newer = a_record("newer", completion_id="chatcmpl-same", created=2.0)
    older = a_record("older", completion_id="chatcmpl-same", created=1.0)
    await put(ledger, newer, older)
    assert await store.requests.get("older") == older
    assert await store.requests.get("chatcmpl-same") == newer
    assert await store.requests.get("chatcmpl-none") is None


async def test_pages_are_newest_first_and_miss_nothing_in_the_same_instant(store: Store, ledger: Ledger) -> None:
    await put(ledger, *(a_record(f"req_{n:02}", created=float(n // 4)) for n in range(17)))
    expected = [f"req_{n:02}" for n in reversed(range(17))]
    for limit in (1, 3, 4, 16, 17, 100):
        assert await all_pages(store, limit) == expected


async def test_what_comes_between_two_pages_is_shown_on_neither(store: Store, ledger: Ledger) -> None:
    await put(ledger, *(a_record(f"req_{n}", created=float(n)) for n in range(4)))
    first = await store.requests.page(2)
    await put(ledger, a_record("req_9", created=9.0))
    second = await store.requests.page(2, first.next)
    assert [record.id for record in first.data + second.data] == ["req_3", "req_2", "req_1", "req_0"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"account": "b"}, ["r4"]),
        ({"application": "sales"}, ["r3", "r1"]),
        ({"application": "sales", "user_id": "u"}, ["r3"]),
        ({"intent": "BUY"}, ["r2"]),
        ({"session_id": "s2"}, ["r1"]),
        ({"model": "m2"}, ["r2"]),
        ({"provider": "p2"}, ["r0"]),
        ({"outcome": "left"}, ["r4"]),
        ({"since": 3.0}, ["r4", "r3"]),
        ({"until": 1.0}, ["r0"]),
        ({"since": 1.0, "until": 3.0}, ["r2", "r1"]),
        ({"account": None, "since": None}, ["r4", "r3", "r2", "r1", "r0"]),
        ({"account": "' OR 1=1 --"}, []),
    ],
)
async def test_filters_choose(store: Store, ledger: Ledger, filters: dict[str, Any], expected: list[str]) -> None:
    await put(
        ledger,
        a_record("r0", created=0.0, provider="p2"),
        a_record("r1", created=1.0, application="sales", session_id="s2"),
        a_record("r2", created=2.0, intent="BUY", model="m2"),
        a_record("r3", created=3.0, application="sales", user_id="u"),
        a_record("r4", created=4.0, account="b", outcome="left"),
    )
    assert await all_pages(store, 2, filters) == expected


async def test_a_list_without_content_does_not_read_it(store: Store, ledger: Ledger) -> None:
    await put(ledger, a_full_record("r"))
    page = await store.requests.page(5, content=False)
    assert page.data == [a_full_record("r", messages=None, answer=None)]


async def test_a_cursor_that_nobody_gave_out_is_a_bad_request(store: Store) -> None:
    with pytest.raises(BadRequest) as told:
        await store.requests.page(2, "bm9wZQ")
    assert told.value.param == "after"


async def test_an_export_tells_everything_oldest_first(store: Store, ledger: Ledger) -> None:
    await put(ledger, *(a_record(f"req_{n:03}", created=float(n // 7)) for n in range(450)))
    everything = [record.id async for record in store.requests.export()]
    assert everything == [f"req_{n:03}" for n in range(450)]
    some = [record.id async for record in store.requests.export(10.0, 12.0)]
    assert some == [f"req_{n:03}" for n in range(70, 84)]


async def test_an_export_holds_nothing_while_its_consumer_waits(store: Store, ledger: Ledger) -> None:
    await put(ledger, *(a_record(f"req_{n:03}", created=float(n)) for n in range(300)))
    exports = [store.requests.export() for _ in range(20)]
    for export in exports:
        assert (await anext(export)).id == "req_000"
    await put(ledger, a_record("req_999", created=999.0))
    assert len((await store.requests.page(1000)).data) == 301
    for export in exports:
        assert [record.id async for record in export][-1] == "req_999"

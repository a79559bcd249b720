"""Sums of usage, on both databases."""

import asyncio

import pytest

from parley.core.errors import BadRequest
from parley.core.holdings import UsageRow
from parley.core.reply import Usage
from parley.store import Ledger, Store
from tests.store.sample import a_record

DAY = 86_400.0
USED = Usage(prompt_tokens=10, completion_tokens=4, cached_tokens=3)


@pytest.fixture(autouse=True)
async def records(ledger: Ledger) -> None:
    await asyncio.gather(
        ledger.put(a_record("1", created=DAY - 0.001, usage=USED, cost_usd=0.25, model="m", user_id="u")),
        ledger.put(a_record("2", created=DAY, usage=USED, cost_usd=0.5, model="m")),
        ledger.put(a_record("3", created=DAY * 1.9, usage=USED, model="n", outcome="left")),
        ledger.put(a_record("4", created=DAY * 1.99, outcome="refused")),
        ledger.put(a_record("5", created=DAY * 2, outcome="failed", account="other")),
    )


async def test_without_groups_there_is_one_sum(store: Store) -> None:
    assert await store.requests.usage([]) == [
        UsageRow(
            group={},
            requests=5,
            prompt_tokens=30,
            completion_tokens=12,
            cached_tokens=9,
            cost_usd=0.75,
            answered=2,
            refused=1,
            failed=1,
            left=1,
        )
    ]


async def test_days_are_those_of_utc(store: Store) -> None:
    rows = await store.requests.usage(["day"])
    assert [(row.group["day"], row.requests) for row in rows] == [
        ("1970-01-01", 1),
        ("1970-01-02", 3),
        ("1970-01-03", 1),
    ]


async def test_groups_combine_in_the_order_asked(store: Store) -> None:
    rows = await store.requests.usage(["model", "user_id", "account"])
    assert [tuple(row.group.items()) for row in rows] == [
        (("model", ""), ("user_id", ""), ("account", "acme")),
        (("model", ""), ("user_id", ""), ("account", "other")),
        (("model", "m"), ("user_id", ""), ("account", "acme")),
        (("model", "m"), ("user_id", "u"), ("account", "acme")),
        (("model", "n"), ("user_id", ""), ("account", "acme")),
    ]


async def test_times_and_filters_choose(store: Store) -> None:
    [row] = await store.requests.usage([], DAY, DAY * 2, {"account": "acme", "model": "m"})
    assert (row.requests, row.cost_usd) == (1, 0.5)
    [nothing] = await store.requests.usage([], DAY * 5)
    assert nothing == UsageRow(group={})


async def test_an_unknown_group_is_a_bad_request(store: Store) -> None:
    with pytest.raises(BadRequest) as told:
        await store.requests.usage(["account", "password"])
    assert told.value.param == "by"


STRANGE = {"$odd": "y", "[1]": "z", 'a"b': "w", "a\\b": "v", "[ö": "u"}
"""Keys that are paths, or break them, to one database or the other."""


async def test_metadata_is_summed_by_and_filtered_by_its_first_128_letters(store: Store, ledger: Ledger) -> None:
    await asyncio.gather(
        ledger.put(a_record("6", metadata={"team": "red", "n": 7, "a b": "x"})),
        ledger.put(a_record("7", metadata={"team": "l" * 300, **STRANGE})),
        ledger.put(a_record("8", metadata={"team": "l" * 128 + "other"})),
    )
    rows = await store.requests.usage(["metadata.team"])
    assert [(row.group["metadata.team"], row.requests) for row in rows] == [("", 5), ("l" * 128, 2), ("red", 1)]
    for key, value, id in (("n", "7", "6"), ("a b", "x", "6"), *((key, STRANGE[key], "7") for key in STRANGE)):
        rows = await store.requests.usage([f"metadata.{key}"])
        assert rows[-1].group == {f"metadata.{key}": value} and rows[-1].requests == 1
        page = await store.requests.page(10, filters={"metadata": [(key, value)]})
        assert [record.id for record in page.data] == [id]
    kept = await store.requests.get("7")
    assert kept is not None and kept.metadata == {"team": "l" * 300, **STRANGE}


async def test_keys_operations_statuses_and_the_cache_are_summed_by(store: Store) -> None:
    rows = await store.requests.usage(["key_id", "operation", "status", "cache"])
    assert sum(row.requests for row in rows) == 5

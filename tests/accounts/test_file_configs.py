"""What `parley.toml` settles for applications."""

import asyncio

import pytest
from msgspec import Struct

from parley.accounts.file_configs import mistakes, said_by, take_over
from parley.core.errors import BadRequest

from .in_memory import ConfigsInMemory

REFUND = ("support", "REFUND")


class Application(Struct):
    defaults: dict
    intents: dict


async def config_of(store, place):
    return (await store.current(*place)).config


async def test_the_file_settles_and_an_unchanged_file_settles_nothing_more():
    store = ConfigsInMemory()
    assert [s.version for s in await take_over(store, {REFUND: {"model": "a"}})] == [1]
    assert await take_over(store, {REFUND: {"model": "a"}}) == []


async def test_an_edit_survives_a_restart_with_an_unchanged_file_and_a_changed_file_wins():
    store = ConfigsInMemory()
    await take_over(store, {REFUND: {"model": "a"}})
    await store.settle(*REFUND, {"model": "edited"}, "key_1", 2.0)
    await take_over(store, {REFUND: {"model": "a"}})
    assert await config_of(store, REFUND) == {"model": "edited"}
    await take_over(store, {REFUND: {"model": "b"}})
    assert await config_of(store, REFUND) == {"model": "b"}


async def test_what_the_file_said_last_is_found_behind_many_edits():
    store = ConfigsInMemory()
    await take_over(store, {REFUND: {"model": "a"}})
    for n in range(250):
        await store.settle(*REFUND, {"seed": n}, "key_1", 2.0)
    assert await take_over(store, {REFUND: {"model": "a"}}) == []


async def test_a_table_that_is_gone_takes_its_word_back_unless_somebody_changed_it():
    store = ConfigsInMemory()
    other = ("support", None)
    await take_over(store, {REFUND: {"model": "a"}, other: {"model": "b"}})
    await store.settle(*other, {"model": "edited"}, "key_1", 2.0)
    await take_over(store, {})
    assert await config_of(store, REFUND) == {}
    assert await config_of(store, other) == {"model": "edited"}


async def test_workers_that_start_together_settle_once():
    store = ConfigsInMemory()
    await asyncio.gather(*(take_over(store, {REFUND: {"model": "a"}}) for _ in range(4)))
    assert len(store.held[REFUND]) == 1


async def test_a_wrong_table_settles_nothing():
    store = ConfigsInMemory()
    with pytest.raises(BadRequest):
        await take_over(store, {("a", None): {"model": "a"}, REFUND: {"modle": "a"}})
    assert store.held == {}


def test_the_tables_of_the_file_and_their_mistakes():
    said = said_by(
        {
            "support": Application({"temperature": 3}, {"REFUND": {"model": "a"}, "OTHER": {"modle": "b"}}),
            "empty": Application({}, {}),
        }
    )
    assert set(said) == {("support", None), REFUND, ("support", "OTHER")}
    found = mistakes(said)
    assert len(found) == 2
    assert found[0].startswith("[applications.support.defaults]: `temperature`")
    assert found[1].startswith("[applications.support.intents.OTHER]: `modle`")

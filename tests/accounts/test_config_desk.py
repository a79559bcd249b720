"""The configuration desk."""

import pytest

from parley.accounts.applications import Registry
from parley.accounts.config_desk import ConfigDesk, merge_patch
from parley.core.errors import BadRequest, Conflict, NotFound

from .in_memory import ConfigsInMemory


@pytest.fixture
def registry():
    return Registry(ConfigsInMemory())


@pytest.fixture
def desk(registry):
    return ConfigDesk(registry._store, registry, clock=lambda: 5.0)


async def test_a_change_is_a_version_and_counts_at_once(desk, registry):
    first = await desk.put("support", None, {"model": "a", "top_p": None}, "key_1", None)
    assert (first.version, first.author, first.created, first.config) == (1, "key_1", 5.0, {"model": "a"})
    assert registry.defaults("support", "x").config.model == "a"
    second = await desk.patch("support", None, {"temperature": 1}, "key_2", None)
    assert (second.version, second.config) == (2, {"model": "a", "temperature": 1.0})
    assert [s.version for s in (await desk.versions("support", None, 10, None)).data] == [2, 1]


async def test_a_patch_removes_what_is_null(desk):
    await desk.put("support", "x", {"model": "a", "fallback_config": {"model": "b", "timeout": 3}}, "key", None)
    patched = await desk.patch("support", "x", {"model": None, "fallback_config": {"timeout": None}}, "key", None)
    assert patched.config == {"fallback_config": {"model": "b"}}


async def test_an_old_version_can_be_restored(desk, registry):
    await desk.put("support", None, {"model": "a"}, "key", None)
    await desk.put("support", None, {"model": "b"}, "key", None)
    restored = await desk.restore("support", None, 1, "key")
    assert (restored.version, restored.config) == (3, {"model": "a"})
    assert registry.defaults("support", "x").config.model == "a"


async def test_a_change_to_an_old_version_is_a_conflict(desk):
    await desk.put("support", None, {"model": "a"}, "key", None)
    await desk.put("support", None, {"model": "b"}, "key", 1)
    for change in (desk.put, desk.patch):
        with pytest.raises(Conflict):
            await change("support", None, {"model": "c"}, "key", 1)
    assert (await desk.current("support", None)).config == {"model": "b"}


async def test_what_is_wrong_changes_nothing(desk):
    await desk.put("support", None, {"model": "a"}, "key", None)
    with pytest.raises(BadRequest):
        await desk.patch("support", None, {"temperature": 9}, "key", None)
    assert (await desk.current("support", None)).version == 1


async def test_what_is_not_there_is_not_found(desk):
    for ask in (
        desk.current("a", None),
        desk.patch("a", None, {}, "key", None),
        desk.restore("a", "i", 1, "key"),
        desk.versions("a", None, 10, None),
        desk.intents("a"),
        desk.delete("a", "i"),
    ):
        with pytest.raises(NotFound):
            await ask


async def test_what_a_request_named_is_there_and_settles_nothing(desk, registry):
    await registry._store.touch("support", "REFUND", 3.0)
    for intent in (None, "REFUND"):
        found = await desk.current("support", intent)
        assert (found.version, found.config, found.created) == (0, {}, 3.0)
    assert (await desk.patch("support", "REFUND", {"seed": 1}, "key", None)).version == 1


async def test_applications_are_listed_without_their_intents(desk, registry):
    for n in range(5):
        await registry._store.touch("a", f"i{n}", 3.0)
    await registry._store.touch("b", "x", 3.0)
    first = await desk.page(2, None)
    assert [named.application for named in first.data] == ["a"]
    rest = await desk.page(2, first.next)
    assert [named.application for named in rest.data] == ["b"]


async def test_what_is_deleted_settles_nothing_any_more(desk, registry):
    await desk.put("support", None, {"model": "a"}, "key", None)
    await desk.put("support", "x", {"top_p": 1}, "key", None)
    await desk.delete("support", None)
    assert registry.defaults("support", "x").config.model is None
    assert (await desk.page(10, None)).data == []


def test_a_merge_patch_does_what_its_law_says():
    """The examples of RFC 7396, appendix A."""
    for target, changes, result in (
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "foo"}, "bar", "bar"),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ):
        assert merge_patch(target, changes) == result

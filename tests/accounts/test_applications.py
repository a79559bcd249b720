"""The registry of applications and intents."""

from parley.accounts.applications import Registry
from parley.accounts.config import IntentConfig
from parley.accounts.defaults import NONE

from .in_memory import ConfigsInMemory


async def settled(*configs):
    store = ConfigsInMemory()
    for application, intent, config in configs:
        await store.settle(application, intent, config, "file", 1.0)
    return store


async def test_an_intent_comes_before_its_application_and_the_server():
    store = await settled(
        ("support", None, {"model": "a", "temperature": 0.5}),
        ("support", "REFUND", {"model": "i"}),
        ("other", None, {"top_p": 1}),
    )
    registry = Registry(store, server=IntentConfig(seed=7))
    await registry.refresh()
    config = registry.defaults("support", "REFUND").config
    assert (config.model, config.temperature, config.seed, config.top_p) == ("i", 0.5, 7, None)
    assert registry.defaults("support", "unheard").config.model == "a"
    assert registry.defaults("unheard", "REFUND").config == IntentConfig(seed=7)


async def test_the_same_defaults_are_the_same_object_until_something_changes():
    store = await settled(("support", None, {"model": "a"}))
    registry = Registry(store)
    await registry.refresh()
    first = registry.defaults("support", "x")
    assert registry.defaults("support", "x") is first
    await store.settle("support", None, {"model": "b"}, "key", 2.0)
    await registry.refresh()
    assert registry.defaults("support", "x").config.model == "b"


async def test_names_that_nobody_configured_cost_nothing():
    registry = Registry(ConfigsInMemory())
    await registry.refresh()
    assert registry.defaults("default", "default") is NONE


async def test_a_first_use_is_told_once_and_again_after_it_was_forgotten():
    store, told = ConfigsInMemory(), []
    registry = Registry(store, first_use=lambda *pair: told.append(pair))
    await registry.refresh()
    for _ in range(3):
        registry.defaults("support", "REFUND")
    assert told == [("support", "REFUND")]
    await registry.refresh()  # another worker may have deleted it
    registry.defaults("support", "REFUND")
    assert len(told) == 2


async def test_a_configuration_from_a_newer_version_settles_nothing_and_breaks_nothing():
    registry = Registry(await settled(("support", None, {"telepathy": True}), ("support", "x", {"model": "i"})))
    await registry.refresh()
    assert registry.defaults("support", "x").config == IntentConfig(model="i")


async def test_any_number_of_names_needs_bounded_memory():
    registry = Registry(ConfigsInMemory())
    for n in range(50_000):
        registry.defaults("support", f"i{n}")
    assert len(registry._merged) <= 20_000 and len(registry._noted) <= 20_000

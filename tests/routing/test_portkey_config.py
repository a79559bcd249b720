"""Configs in Portkey's shape: what they become, what they inherit, and where their mistakes are."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.routing.mistakes import Mistake
from parley.routing.plan import CacheWish, Conditional, Fallback, LoadBalance, Plan, Single, leaves
from parley.routing.portkey_config import DEEPEST, KEYS, MOST_TARGETS, REFUSED, Known, parse_config, read_config

SAVED: dict[str, Any] = {
    "cheap": {"strategy": {"mode": "fallback"}, "targets": [{"model": "small"}, {"provider": "anthropic"}]},
    "loop": {"strategy": {"mode": "single"}, "targets": [{"config": "pool"}]},
    "pool": {"strategy": {"mode": "fallback"}, "targets": [{"provider": "openai"}, {"config": "loop"}]},
    "self": "self",
}


def host(url: str) -> str | None:
    return None if url.startswith("https://good.example") else "this host is not allowed."


KNOWN = Known(
    providers=["openai", "anthropic"],
    models=["small"],
    virtual_keys={"prod-key": "openai"},
    saved=SAVED.get,
    refuse_host=host,
)
TWO = [{"name": "a", "provider": "openai"}, {"name": "b", "provider": "anthropic"}]


def plan_of(config: Any, **more: Any) -> Plan:
    found = read_config(config, KNOWN, **more)
    assert not isinstance(found, list), found
    return found


def wrong(config: Any) -> dict[str, str]:
    found = read_config(config, KNOWN)
    assert isinstance(found, list), found
    return {mistake.place: mistake.sentence for mistake in found}


def first_leaf(config: Any, **more: Any) -> Single:
    return next(leaves(plan_of(config, **more)))


def test_a_config_without_targets_is_one_target() -> None:
    leaf = first_leaf({"provider": "@openai", "api_key": "sk-1", "override_params": {"model": "gpt"}})
    assert (leaf.provider, leaf.model, leaf.path) == ("openai", "gpt", "config")
    assert leaf.api_key is not None
    assert leaf.api_key.value == "sk-1"
    assert "sk-1" not in repr(leaf)


def test_every_strategy_becomes_its_branch() -> None:
    assert isinstance(plan_of({"strategy": {"mode": "single"}, "targets": TWO[:1]}), Single)
    fallback = plan_of({"strategy": {"mode": "fallback", "on_status_codes": [429]}, "targets": TWO})
    assert isinstance(fallback, Fallback)
    assert fallback.on_status_codes == frozenset({429})
    balanced = plan_of({"strategy": {"mode": "loadbalance"}, "targets": [{**TWO[0], "weight": 0.7}, TWO[1]]})
    assert isinstance(balanced, LoadBalance)
    assert [share.weight for share in balanced.shares] == [0.7, 1.0]
    strategy = {"mode": "conditional", "conditions": [{"query": {"params.n": 1}, "then": "a"}], "default": "b"}
    conditional = plan_of({"strategy": strategy, "targets": TWO})
    assert isinstance(conditional, Conditional)
    assert conditional.default is not None


def test_paths_are_those_of_portkeys_last_used_option_index() -> None:
    inner = {"strategy": {"mode": "fallback"}, "targets": TWO}
    plan = plan_of({"strategy": {"mode": "fallback"}, "targets": [TWO[0], inner]})
    assert [leaf.path for leaf in leaves(plan)] == [
        "config.targets[0]",
        "config.targets[1].targets[0]",
        "config.targets[1].targets[1]",
    ]


def test_targets_inherit_what_they_do_not_say_and_parameters_one_by_one() -> None:
    config = {
        "strategy": {"mode": "fallback"},
        "retry": {"attempts": 3, "on_status_codes": [503]},
        "cache": {"mode": "simple", "max_age": 60},
        "request_timeout": 2500,
        "override_params": {"temperature": 0, "model": "outer"},
        "targets": [
            {"provider": "openai"},
            {
                "provider": "openai",
                "retry": {"attempts": 1},
                "request_timeout": 100,
                "override_params": {"model": "inner"},
                "custom_host": "https://good.example/v1",
            },
        ],
    }
    one, other = leaves(plan_of(config))
    assert (one.terms.retry.attempts, one.terms.retry.on_status_codes) == (3, frozenset({503}))
    assert (one.terms.timeout, one.terms.cache, one.model) == (2.5, CacheWish(mode="simple", max_age=60), "outer")
    assert (other.terms.retry.attempts, other.terms.retry.on_status_codes) == (1, None)
    assert (other.terms.timeout, other.model) == (0.1, "inner")
    assert other.terms.override_params == {"temperature": 0, "model": "inner"}
    assert (one.terms.custom_host, other.terms.custom_host) == (None, "https://good.example/v1")


def test_providers_and_keys_are_not_inherited() -> None:
    assert "provider" in wrong({"provider": "openai", "strategy": {"mode": "fallback"}, "targets": TWO})


def test_a_virtual_key_leads_to_its_provider() -> None:
    assert first_leaf({"virtual_key": "prod-key"}).provider == "openai"
    assert first_leaf({"virtual_key": "anthropic"}).provider == "anthropic"
    assert "virtual_key" in wrong({"virtual_key": "nobodys"})


def test_the_requests_own_provider_serves_targets_that_name_none() -> None:
    assert first_leaf({"retry": {"attempts": 1}}, provider="@anthropic").provider == "anthropic"
    assert first_leaf({"provider": "openai"}, provider="anthropic").provider == "openai"


def test_a_slug_stands_for_a_saved_config_whole_or_as_a_target() -> None:
    assert len(list(leaves(plan_of("cheap")))) == 2
    plan = plan_of({"strategy": {"mode": "fallback"}, "retry": {"attempts": 2}, "targets": [{"config": "cheap"}]})
    assert [leaf.terms.retry.attempts for leaf in leaves(plan)] == [2, 2]
    assert [leaf.path for leaf in leaves(plan)][1] == "config.targets[0].targets[1]"


def test_configs_that_refer_to_themselves_are_found() -> None:
    assert "loop > pool > loop" in " ".join(wrong("loop").values())
    assert "refers to itself" in " ".join(wrong("self").values())


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"provider": "opnai"}, "provider"),
        ({"provider": 3}, "provider"),
        ({"model": "smal"}, "model"),
        ({"override_params": {"model": "smal"}}, "override_params.model"),
        ({"override_params": []}, "override_params"),
        ({"provder": "openai"}, "provder"),
        ({"retry": {"attempts": 6}}, "retry.attempts"),
        ({"retry": {}}, "retry.attempts"),
        ({"retry": {"attempts": 1, "on_status_codes": [200]}}, "retry.on_status_codes"),
        ({"retry": {"attempts": 1, "times": 1}}, "retry.times"),
        ({"cache": {"mode": "fuzzy"}}, "cache.mode"),
        ({"cache": {"mode": "simple", "max_age": 1}}, "cache.max_age"),
        ({"request_timeout": -1}, "request_timeout"),
        ({"custom_host": "https://bad.example"}, "custom_host"),
        ({"custom_host": "ftp://good.example"}, "custom_host"),
        ({"custom_host": "http://[::1"}, "custom_host"),
        ({"api_key": "a\r\nb"}, "api_key"),
        ({"weight": -1}, "weight"),
        ({"config": "nobodys"}, "config"),
        ({"config": "cheap", "provider": "openai"}, "config"),
        ({"targets": TWO}, "strategy"),
        ({"strategy": {"mode": "best"}, "targets": TWO}, "strategy.mode"),
        ({"strategy": {"mode": "fallback"}, "targets": []}, "targets"),
        ({"strategy": {"mode": "fallback"}}, "targets"),
        ({"strategy": {"mode": "fallback", "on_status_codes": [246]}, "targets": TWO}, "strategy.on_status_codes"),
        ({"strategy": {"mode": "fallback", "cb_config": {}}, "targets": TWO}, "strategy.cb_config"),
        ({"strategy": {"mode": "fallback", "sticky": {}}, "targets": TWO}, "strategy.sticky"),
        ({"strategy": {"mode": "single"}, "targets": TWO}, "strategy"),
        ({"strategy": {"mode": "loadbalance"}, "targets": [{"provider": "openai", "weight": 0}]}, "strategy"),
        ({"strategy": {"mode": "loadbalance", "balance": "luck"}, "targets": TWO}, "strategy.balance"),
        (
            {"strategy": {"mode": "loadbalance", "sticky": {"hash_fields": ["headers.x"]}}, "targets": TWO},
            "strategy.sticky.hash_fields[0]",
        ),
        ({"strategy": {"mode": "fallback"}, "targets": [TWO[0], {"provider": "x"}]}, "targets[1].provider"),
        ({"strategy": {"mode": "conditional"}, "targets": TWO}, "strategy.conditions"),
    ],
)
def test_a_mistake_has_its_place(config: Any, place: str) -> None:
    assert place in wrong(config)


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ({"query": {"metadata.x": 1}, "then": "c"}, "then"),
        ({"then": "a"}, "query"),
        ({"query": {"metadata.x.y": 1}, "then": "a"}, "query.metadata.x.y"),
        ({"query": {"metadata.x": {"$like": 1}}, "then": "a"}, "query.metadata.x.$like"),
        ({"query": {"metadata.x": {"$regex": "("}}, "then": "a"}, "query.metadata.x.$regex"),
        ({"query": {"params.n": {"$gt": "many"}}, "then": "a"}, "query.params.n.$gt"),
        ({"query": {"params.n": {"$in": 3}}, "then": "a"}, "query.params.n.$in"),
        ({"query": {"$or": []}, "then": "a"}, "query.$or"),
        ({"query": {"$or": [{}, {"$not": 1}]}, "then": "a"}, "query.$or[1].$not"),
        ({"query": {"content": {"$gt": 1}}, "then": "a"}, "query.content.$gt"),
        ({"query": {}, "then": "a", "else": "b"}, "else"),
    ],
)
def test_a_mistake_in_a_condition_has_its_place(condition: Any, place: str) -> None:
    good = {"query": {"tokens": {"$gt": 1000}}, "then": "b"}
    strategy = {"mode": "conditional", "conditions": [good, condition], "default": "a"}
    assert f"strategy.conditions[1].{place}" in wrong({"strategy": strategy, "targets": TWO})


def test_conditions_need_targets_with_names_of_their_own() -> None:
    strategy = {"mode": "conditional", "conditions": [{"query": {}, "then": "a"}], "default": "z"}
    found = wrong({"strategy": strategy, "targets": [TWO[0], TWO[0], {"provider": "openai"}]})
    assert {"targets[1].name", "targets[2].name", "strategy.default"} <= set(found)


@pytest.mark.parametrize("key", [*REFUSED, "azure_resource_name"])
def test_what_parley_does_not_do_is_refused_by_name(key: str) -> None:
    assert key in wrong({key: ["x"]})
    assert not isinstance(read_config({key: None}, KNOWN), list)


def test_every_mistake_is_told_at_once() -> None:
    found = wrong({"strategy": {"mode": "fallback"}, "targets": [{"provider": "x"}, {"retry": 1}, 7], "cache": 1})
    assert set(found) == {"targets[0].provider", "targets[1].retry", "targets[2]", "cache"}


def test_nesting_and_targets_are_bounded() -> None:
    deep: Any = {"provider": "openai"}
    for _ in range(DEEPEST):
        deep = {"strategy": {"mode": "single"}, "targets": [deep]}
    plan_of(deep)
    assert any("deep" in said for said in wrong({"strategy": {"mode": "single"}, "targets": [deep]}).values())
    many = [{"provider": "openai"}] * MOST_TARGETS
    plan_of({"strategy": {"mode": "fallback"}, "targets": many})
    found = wrong({"strategy": {"mode": "fallback"}, "targets": [*many, *many]})
    assert any(str(MOST_TARGETS) in said for said in found.values())


def test_a_header_holds_json_or_a_slug() -> None:
    assert parse_config(" pc-abc ") == "pc-abc"
    assert parse_config('{"retry": {"attempts": 1}}') == {"retry": {"attempts": 1}}
    with pytest.raises(ValueError, match="not valid JSON"):
        parse_config("{'retry': 1}")
    with pytest.raises(ValueError, match="not valid JSON"):
        parse_config('{"a":' * 100_000)


WORDS = st.sampled_from([*KEYS, "mode", "attempts", "query", "then", "conditions", "default", "sticky", "hash_fields"])
VALUES = st.sampled_from(["fallback", "single", "loadbalance", "conditional", "openai", "small", "cheap", "loop", "a"])
QUERIES = st.sampled_from(["$and", "$or", "$regex", "$in", "$length", "metadata.x", "tokens", "content"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | VALUES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | QUERIES | st.text(max_size=5), inner, max_size=6)
        | st.fixed_dictionaries(
            {"strategy": st.fixed_dictionaries({"mode": VALUES}, optional={"conditions": inner, "sticky": inner})},
            optional={"targets": st.lists(inner, max_size=3), "retry": inner, "cache": inner, "override_params": inner},
        )
    ),
    max_leaves=25,
)


@settings(max_examples=500)
@given(JSON)
def test_any_json_is_a_plan_or_a_list_of_mistakes(config: Any) -> None:
    found = read_config(config, KNOWN)
    if isinstance(found, list):
        assert found
        assert all(isinstance(one, Mistake) and one.sentence.endswith(".") for one in found)
    else:
        assert list(leaves(found))

"""Ways without the models that a caller may not ask."""

import random

import pytest

from parley.core.asks import Chat, FallbackConfig
from parley.core.call import Call, Caller, Directions, Source, Trace, Whose
from parley.core.errors import ModelNotAllowed
from parley.core.route import Target
from parley.routing.catalog import Catalog, Entry
from parley.routing.narrow import narrowed
from parley.routing.plan import leaves
from parley.routing.portkey_config import Known
from parley.routing.router import Router, Way


def entry(name: str, *fallback: str) -> Entry:
    return Entry(target=Target(model=name, provider="p", upstream=f"{name}-up"), fallback=fallback)


@pytest.fixture
def router() -> Router:
    catalog = Catalog([entry("a", "b", "c"), entry("b"), entry("c")], ["p"])
    return Router(catalog, Known(providers=("p",), models=("a", "b", "c")), random.Random(1), 0.0)


def way_of(router: Router, model: str, config: str | None = None, **more: object) -> Way:
    ask = Chat(model=model, messages=[{"role": "user", "content": "x"}], **more)
    return router.way(
        Call(
            id="req_1",
            received=0.0,
            deadline=9e9,
            caller=Caller(key_id="k", account="a", scopes=frozenset()),
            whose=Whose(account="a", application="b", intent="c", session_id="s"),
            trace=Trace(trace_id="t"),
            ask=ask,
            source=Source(dialect="openai_chat", fields={}, asked=ask),
            directions=Directions(config=config) if config else None,
        )
    )


def models(way: Way) -> list[str]:
    return [leaf.target.model for leaf in leaves(way.plan) if leaf.target]


def test_a_way_that_is_allowed_is_the_very_same(router: Router) -> None:
    for patterns in (["a", "b", "c"], ["*"], ["p/*"], ["p/a-up", "p/b-up", "c*"]):
        way = way_of(router, "a")
        assert narrowed(way, patterns, "a") is way


def test_fallbacks_that_are_not_allowed_are_left_out(router: Router) -> None:
    way = narrowed(way_of(router, "a"), ["a", "c"], "a")
    assert models(way) == ["a", "c"] and way.mark != way_of(router, "a").mark


def test_a_model_that_is_not_allowed_is_refused_though_its_fallback_is(router: Router) -> None:
    for patterns in (["b"], [], ["p/b-up"]):
        with pytest.raises(ModelNotAllowed, match="`a` is not allowed") as refused:
            narrowed(way_of(router, "a"), patterns, "a")
        assert (refused.value.status, refused.value.type) == (412, "model_not_allowed_error")


def test_of_a_config_the_allowed_targets_stay(router: Router) -> None:
    shared = '{"strategy": {"mode": "loadbalance"}, "targets": [{"model": "a"}, {"model": "b", "weight": 3}]}'
    way = narrowed(way_of(router, "x", shared), ["b"], "x")
    assert set(models(way)) == {"b"}
    chosen = (
        '{"strategy": {"mode": "conditional", "conditions": [{"query": {"metadata.k": "v"}, "then": "one"}],'
        ' "default": "two"}, "targets": [{"name": "one", "model": "b"}, {"name": "two", "model": "c"}]}'
    )
    assert models(narrowed(way_of(router, "x", chosen), ["c"], "x")) == ["c"]
    with pytest.raises(ModelNotAllowed):
        narrowed(way_of(router, "x", chosen), ["other"], "x")


def test_a_race_is_run_alone_where_the_second_may_not_be_asked(router: Router) -> None:
    raced = way_of(router, "b", fallback_config=FallbackConfig(model="c", strategy="first_response"))
    assert raced.second is not None
    alone = narrowed(raced, ["b"], "b")
    assert (alone.second, alone.rule, models(alone)) == (None, None, ["b"])

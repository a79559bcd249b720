"""The router: ways for models, routes and headers, remembered and forgotten."""

import random
from typing import Any

import pytest

from parley.core.asks import Chat, FallbackConfig
from parley.core.call import Call, Caller, Directions, Source, Trace, Whose
from parley.core.errors import BadRequest, NotFound
from parley.core.route import Target
from parley.routing.catalog import Catalog, Entry
from parley.routing.overrides import overridden
from parley.routing.plan import ApiKey, Fallback, Retry, Single, Terms, leaves
from parley.routing.portkey_config import Known
from parley.routing.resolve import resolve
from parley.routing.router import Router


def entry(name: str, *fallback: str, **terms: Any) -> Entry:
    target = Target(model=name, provider="p", upstream=name)
    return Entry(target=target, fallback=fallback, terms=Terms(**terms))


CATALOG = Catalog([entry("m"), entry("n", "m"), entry("again", retry=Retry(attempts=2))], ["p"])


def router() -> Router:
    made = Router(CATALOG, Known(providers=("p",), models=("m", "n", "again")), random.Random(1), 0.0)
    made.replace({"pair": {"strategy": {"mode": "fallback"}, "targets": [{"model": "m"}, {"model": "n"}]}})
    return made


def call(model: str | None = "m", directions: Directions | None = None, **more: Any) -> Call:
    ask = Chat(model=model, messages=[{"role": "user", "content": "Hello?"}], **more)
    return Call(
        id="r",
        received=0.0,
        deadline=1e9,
        caller=Caller(key_id="k", account="a", scopes=frozenset()),
        whose=Whose(account="a", application="d", intent="d", session_id="s"),
        trace=Trace(trace_id="t"),
        ask=ask,
        source=Source(dialect="openai_chat", fields={}, asked=ask),
        directions=directions,
    )


def models(given: Call) -> list[str]:
    return [leaf.target.model for leaf in leaves(router().way(given).plan) if leaf.target]


def test_a_model_alone_needs_no_walk() -> None:
    way = router().way(call())
    assert way.alone is not None
    assert way.name == "p/m"


@pytest.mark.parametrize("model", ["n", "again", "pair"])
def test_one_with_fallbacks_or_terms_needs_one(model: str) -> None:
    assert router().way(call(model)).alone is None


def test_a_second_model_comes_after_the_first_and_once() -> None:
    assert models(call("m", fallback_model="again")) == ["m", "again"]
    assert models(call("n", fallback_model="m")) == ["n", "m"]
    assert models(call("again", fallback_model="pair")) == ["again", "m", "n", "m"]


def test_a_race_is_one_only_where_time_or_strategy_say_so() -> None:
    def way(**fields: Any) -> Any:
        return router().way(call(fallback_config=FallbackConfig(model="n", **fields)))

    assert way().rule is None
    assert way(strategy="first_response").rule is not None
    assert way(strategy="reactive", timeout=1.0).second is not None
    with pytest.raises(BadRequest):
        way(strategy="timeout")


def test_a_way_is_remembered_until_the_saved_configs_change() -> None:
    made = router()
    first = made.way(call("pair"))
    assert made.way(call("pair")) is first
    made.replace({"pair": {"model": "m"}})
    assert isinstance(made.way(call("pair")).plan, Single)
    made.replace({})
    with pytest.raises(NotFound):
        made.way(call("pair"))


def test_headers_make_a_config_and_what_it_says_itself_wins() -> None:
    way = router().way(call("m", Directions(provider="@p", request_timeout="250")))
    assert isinstance(way.plan, Single)
    assert way.plan.terms.timeout == 0.25
    own = Directions(config='{"request_timeout": 100}', request_timeout="250")
    (leaf,) = leaves(router().way(call("m", own)).plan)
    assert leaf.terms.timeout == 0.1
    slug = router().way(call("x", Directions(config="pair", request_timeout="250")))
    assert {leaf.terms.timeout for leaf in leaves(slug.plan)} == {0.25}


@pytest.mark.parametrize(
    "directions",
    [Directions(config="{"), Directions(config="nobody"), Directions(provider="q"), Directions(request_timeout="x")],
)
def test_headers_that_are_wrong_are_refused(directions: Directions) -> None:
    with pytest.raises(BadRequest):
        router().way(call("m", directions))


def test_a_key_never_goes_to_the_fallbacks_of_its_model() -> None:
    plan = resolve(Single(model="n", api_key=ApiKey("sk-1")), None, CATALOG)
    assert isinstance(plan, Single)
    assert plan.target is not None and plan.target.model == "n"
    assert isinstance(resolve(Single(model="n"), None, CATALOG), Fallback)


def test_overrides_win_and_unknown_ones_go_along() -> None:
    changed = overridden(call(temperature=1.0), {"model": "z", "temperature": 0.5, "odd": {"a": 1}})
    assert isinstance(changed.ask, Chat)
    assert (changed.ask.model, changed.ask.temperature) == ("m", 0.5)
    assert bytes(changed.source.fields["odd"]) == b'{"a":1}'


@pytest.mark.parametrize("params", [{"temperature": 9}, {"session_id": "x"}, {"stop": [1]}])
def test_overrides_that_a_field_can_not_have_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="override_params"):
        overridden(call(), params)

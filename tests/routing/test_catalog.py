"""Where the name of a model leads."""

import pytest

from parley.core.errors import NotFound
from parley.core.route import Route, Target
from parley.routing.catalog import Catalog, Entry


def entry(name: str, *fallback: str) -> Entry:
    """A model at a provider of its own."""
    return Entry(target=Target(model=name, provider=f"at-{name}", upstream=f"up-{name}"), fallback=fallback)


def names(route: Route) -> list[str]:
    """The models that are tried, in order."""
    return [target.model for target in route.targets]


CATALOG = Catalog(
    [entry("a", "b", "c"), entry("b", "d"), entry("c", "a"), entry("d"), entry("e", "acme/x")], ["acme", "at-a"]
)


def test_a_name_leads_to_its_target_and_then_to_its_fallbacks_each_once() -> None:
    assert names(CATALOG.route("d")) == ["d"]
    assert names(CATALOG.route("a")) == ["a", "b", "d", "c"]
    assert names(CATALOG.route("c")) == ["c", "a", "b", "d"]


def test_the_requests_own_fallback_comes_last_and_only_if_it_is_new() -> None:
    assert names(CATALOG.route("d", "a")) == ["d", "a", "b", "c"]
    assert names(CATALOG.route("a", "d")) == ["a", "b", "d", "c"]


def test_a_provider_and_a_slash_lead_to_any_model_of_it() -> None:
    (target,) = CATALOG.route("acme/org/model").targets
    assert (target.provider, target.upstream, target.model) == ("acme", "org/model", "acme/org/model")
    assert names(CATALOG.route("e")) == ["e", "acme/x"]


@pytest.mark.parametrize("name", ["", "x", "acme", "acme/", "/x", "nobody/x", "A"])
def test_a_name_that_leads_nowhere_is_not_found(name: str) -> None:
    with pytest.raises(NotFound) as told:
        CATALOG.route(name)
    assert (told.value.param, told.value.code) == ("model", "model_not_found")
    assert told.value.message.endswith("GET /v1/models lists what there is.")


def test_a_name_that_is_nearly_right_is_guessed() -> None:
    catalog = Catalog([entry("gpt-4o-mini"), entry("claude-haiku")], [])
    with pytest.raises(NotFound) as told:
        catalog.route("gpt-4o-mni")
    assert "Did you mean `gpt-4o-mini`?" in told.value.message

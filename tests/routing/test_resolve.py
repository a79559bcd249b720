"""From what a config names to a model of a provider."""

import pytest

from parley.core.errors import BadRequest, NotFound
from parley.core.route import Target
from parley.routing.catalog import Catalog, Entry
from parley.routing.plan import MAY_DO_BETTER, ApiKey, Fallback, Plan, Retry, Single, Terms, identity, leaves
from parley.routing.resolve import plan_of, resolve

CATALOG = Catalog(
    [
        Entry(target=Target(model="gpt", provider="openai", upstream="gpt-4o-mini"), fallback=("haiku",)),
        Entry(target=Target(model="haiku", provider="anthropic", upstream="claude-haiku")),
    ],
    ["openai", "anthropic"],
)


def targets(plan: Plan, model: str | None) -> list[str]:
    return [
        f"{leaf.target.provider}/{leaf.target.upstream}"
        for leaf in leaves(resolve(plan, model, CATALOG))
        if leaf.target
    ]


def test_a_model_of_the_catalog_becomes_a_fallback_over_its_route() -> None:
    plan = plan_of(CATALOG.route("gpt"))
    assert isinstance(plan, Fallback)
    assert plan.on_status_codes == MAY_DO_BETTER
    assert isinstance(plan_of(CATALOG.route("haiku")), Single)


def test_a_leaf_without_a_provider_is_the_requests_model_and_its_fallbacks() -> None:
    leaf = Single(terms=Terms(retry=Retry(attempts=2)))
    assert targets(leaf, "gpt") == ["openai/gpt-4o-mini", "anthropic/claude-haiku"]
    assert {one.terms.retry.attempts for one in leaves(resolve(leaf, "gpt", CATALOG))} == {2}
    assert targets(leaf, "@openai/gpt-4.1") == ["openai/gpt-4.1"]


def test_a_leafs_own_model_wins_over_the_requests() -> None:
    assert targets(Single(provider="openai", model="gpt-5"), "haiku") == ["openai/gpt-5"]


def test_a_name_of_the_catalog_means_the_providers_name_where_the_provider_is_the_same() -> None:
    assert targets(Single(provider="openai"), "gpt") == ["openai/gpt-4o-mini"]
    assert targets(Single(provider="anthropic"), "gpt") == ["anthropic/gpt"]
    assert targets(Single(provider="openai"), "openai/gpt-4.1") == ["openai/gpt-4.1"]


@pytest.mark.parametrize("model", [None, "", "portkey-default"])
def test_a_request_without_a_model_needs_one_in_its_config(model: str | None) -> None:
    assert targets(Single(provider="openai", model="gpt-5"), model) == ["openai/gpt-5"]
    with pytest.raises(BadRequest, match="names a model"):
        resolve(Single(provider="openai"), model, CATALOG)


def test_a_name_that_leads_nowhere_is_not_found() -> None:
    with pytest.raises(NotFound):
        resolve(Fallback(children=(Single(),)), "nobodys", CATALOG)


def test_targets_with_keys_or_hosts_of_their_own_have_a_health_of_their_own() -> None:
    target = Target(model="m", provider="p", upstream="m")
    plain = Single(target=target)
    keyed = Single(target=target, api_key=ApiKey("sk-secret"))
    hosted = Single(target=target, terms=Terms(custom_host="https://h"))
    assert len({identity(plain), identity(keyed), identity(hosted)}) == 3
    assert "sk-secret" not in identity(keyed)

"""Finds out which model of which provider each leaf of a plan means, for the model that a request names."""

from collections.abc import Callable

from msgspec import structs

from parley.core.errors import BadRequest
from parley.core.route import Route, Target
from parley.routing.catalog import Catalog
from parley.routing.plan import (
    MAY_DO_BETTER,
    Branch,
    Conditional,
    Fallback,
    LoadBalance,
    Plan,
    Share,
    Single,
    Terms,
    within,
)

PLAIN = Terms()
NO_MODEL = frozenset({"", "portkey-default"})
"""What stands for no model at all; the second is what Portkey's SDK sends when its user names none."""


def plain(target: Target) -> Terms:
    """The terms of targets that nothing is said of."""
    return PLAIN


def plan_of(route: Route, leaf: Single | None = None, terms: Callable[[Target], Terms] = plain) -> Plan:
    """The plan of a model and its fallbacks; under the path and terms of `leaf`, if it stands in a config.

    `terms` tells how a target is asked where `leaf` does not.
    """
    at = leaf or Single()
    # A key or a host is meant for one upstream: fallbacks to others would send it, or the prompt, elsewhere.
    targets = route.targets[:1] if at.api_key or at.terms.custom_host else route.targets
    singles = tuple(
        Single(path=at.path, terms=within(at.terms, terms(target)), target=target, api_key=at.api_key)
        for target in targets
    )
    return singles[0] if len(singles) == 1 else Fallback(children=singles, on_status_codes=MAY_DO_BETTER)


def resolve(plan: Plan, model: str | None, catalog: Catalog) -> Plan:
    """`plan` with a target in every leaf; a leaf without a provider is its model's own plan, fallbacks included.

    A target's model is the config's, else the request's. Raises BadRequest where neither names one, and NotFound for
    a name that leads nowhere.
    """
    match plan:
        case Single():
            return _leaf(plan, model, catalog)
        case Fallback(children=children):
            return structs.replace(plan, children=tuple(resolve(child, model, catalog) for child in children))
        case LoadBalance(shares=shares):
            found = (Share(plan=resolve(share.plan, model, catalog), weight=share.weight) for share in shares)
            return structs.replace(plan, shares=tuple(found))
        case Conditional(branches=branches, default=default):
            return structs.replace(
                plan,
                branches=tuple(Branch(when=one.when, plan=resolve(one.plan, model, catalog)) for one in branches),
                default=None if default is None else resolve(default, model, catalog),
            )


def _leaf(leaf: Single, model: str | None, catalog: Catalog) -> Plan:
    name = (leaf.model or model or "").removeprefix("@")
    if name in NO_MODEL:
        raise BadRequest(
            f"Neither the request nor `{leaf.path}` names a model; set `model`, or `override_params.model` there.",
            param="model",
            code="model_missing",
        )
    if leaf.provider is None:
        return plan_of(catalog.route(name), leaf, catalog.terms)
    entry = catalog.entries.get(name)
    if entry is not None and entry.target.provider == leaf.provider:
        return structs.replace(leaf, target=entry.target, terms=within(leaf.terms, entry.terms))
    upstream = name.removeprefix(f"{leaf.provider}/")
    return structs.replace(leaf, target=Target(model=name, provider=leaf.provider, upstream=upstream))

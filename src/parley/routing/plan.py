"""A routing plan: a tree of choices whose leaves are the targets that may answer a call.

The four branches are Portkey's (its gateway at 2026-01-12: `tryTargetsRecursively`), nested at will:
single, fallback, load balance and conditional. What a branch says of retries, time, cache, host and parameters is
already merged into its leaves when a plan is made: a leaf's own word wins, `override_params` are merged key by key,
everything else is replaced whole. Provider and credentials are never inherited.
"""

import hashlib
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct, structs

from parley.core.asks import Json
from parley.core.route import Target
from parley.routing.query import FactName, Query

Balance = Literal["weighted", "latency"]
"""`weighted`: by chance; `latency`: of two drawn by weight, the one with the shorter expected wait."""

MAY_DO_BETTER = frozenset({401, 403, 404, 408, 409, 425, 429, *range(500, 600)})
"""Refusals that speak of one target only, so that another may answer; what a model's `fallback` list goes by."""


class ApiKey(Struct, frozen=True, repr_omit_defaults=True):
    """A credential that a config brings along; it never shows itself."""

    value: str

    def __repr__(self) -> str:
        return "ApiKey(***)"


class Retry(Struct, frozen=True, kw_only=True):
    """How often one target is asked again, and after which statuses (`None`: `retry.RETRIABLE`)."""

    attempts: int = 0
    on_status_codes: frozenset[int] | None = None
    honour_retry_after: bool = True


class CacheWish(Struct, frozen=True, kw_only=True):
    """What a config asks of the cache; `max_age` in seconds."""

    mode: Literal["simple", "semantic"]
    max_age: int | None = None


class Terms(Struct, frozen=True, kw_only=True):
    """The conditions under which a target is asked: its own, or inherited. `timeout` in seconds until it answers."""

    retry: Retry = Retry()
    timeout: float | None = None
    cache: CacheWish | None = None
    custom_host: str | None = None
    strict: bool | None = None
    continue_on_cut: bool | None = None  # of a stream: the next target goes on with the text that was given
    override_params: dict[str, Json] = {}


def within(inner: Terms, outer: Terms) -> Terms:
    """What `inner` says, and where it says nothing, `outer`; parameters are merged key by key."""
    if inner == outer or outer == Terms():
        return inner
    said = {name: value for name, value in structs.asdict(inner).items() if value != getattr(NOTHING, name)}
    if "override_params" in said:
        said["override_params"] = outer.override_params | inner.override_params
    return structs.replace(outer, **said)


NOTHING = Terms()


class Single(Struct, frozen=True, kw_only=True):
    """A leaf. `path` is its place in the config, as `x-portkey-last-used-option-index` tells it.

    `target` is there once `resolve.resolve` has found out which model of which provider is meant.
    """

    path: str = "config"
    provider: str | None = None
    model: str | None = None
    api_key: ApiKey | None = None
    terms: Terms = Terms()
    target: Target | None = None


class Fallback(Struct, frozen=True, kw_only=True):
    """One child after the other, while the last one's status is among `on_status_codes` (`None`: any failure)."""

    children: tuple["Plan", ...]
    on_status_codes: frozenset[int] | None = None


class Share(Struct, frozen=True, kw_only=True):
    """A child of a load balance; a weight of 0 is never drawn."""

    plan: "Plan"
    weight: float = 1.0


class LoadBalance(Struct, frozen=True, kw_only=True):
    """One child by weight. With `sticky` the same values of these facts lead to the same child.

    Portkey draws once and keeps to it; with `failover` (ours) another child is drawn when the first fails.
    """

    shares: tuple[Share, ...]
    balance: Balance = "weighted"
    sticky: tuple[FactName, ...] = ()
    failover: bool = False
    on_status_codes: frozenset[int] | None = None


class Branch(Struct, frozen=True, kw_only=True):
    """A child of a conditional, and when it is taken."""

    when: Query
    plan: "Plan"


class Conditional(Struct, frozen=True, kw_only=True):
    """The first branch whose query holds, else `default`, else a 400."""

    branches: tuple[Branch, ...]
    default: "Plan | None" = None
    path: str = "config"


Plan = Single | Fallback | LoadBalance | Conditional


def leaves(plan: Plan) -> Iterator[Single]:
    """Every leaf, in the order in which it is written."""
    match plan:
        case Single():
            yield plan
        case Fallback(children=children):
            for child in children:
                yield from leaves(child)
        case LoadBalance(shares=shares):
            for share in shares:
                yield from leaves(share.plan)
        case Conditional(branches=branches, default=default):
            for branch in branches:
                yield from leaves(branch.plan)
            if default is not None:
                yield from leaves(default)


def identity(plan: Plan) -> str:
    """What a leaf asks and with whose key: the name of its health. Of a branch: all its leaves' names."""
    if not isinstance(plan, Single):
        return "(" + ",".join(identity(leaf) for leaf in leaves(plan)) + ")"
    target = plan.target
    name = f"{target.provider}/{target.upstream}" if target else f"{plan.provider}/{plan.model}"
    host = f"@{plan.terms.custom_host}" if plan.terms.custom_host else ""
    key = f"#{hashlib.blake2b(plan.api_key.value.encode(), digest_size=6).hexdigest()}" if plan.api_key else ""
    return name + host + key

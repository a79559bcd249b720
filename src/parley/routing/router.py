"""The router: each call's way to its targets, and what all ways share: health, budgets, saved configs."""

import random
from collections import OrderedDict
from collections.abc import Mapping

import msgspec
from msgspec import Struct, structs

from parley.core.asks import Json
from parley.core.call import Call, Directions
from parley.core.errors import BadRequest, NotFound
from parley.routing.budget import Budget, Budgets
from parley.routing.catalog import Catalog
from parley.routing.concurrency import LimitRule
from parley.routing.facts import CallFacts
from parley.routing.health import Health, Shown
from parley.routing.mistakes import Mistake
from parley.routing.plan import MAY_DO_BETTER, CacheWish, Fallback, Plan, Single, Terms, identity, leaves
from parley.routing.portkey_config import Known, parse_config, read_config
from parley.routing.race import Rule, read_rule
from parley.routing.resolve import NO_MODEL, plan_of, resolve
from parley.routing.walk import Around, Walk

MOST_WAYS = 2048
"""Ways remembered at once; clients may invent any number of models and configs."""
ROOM = LimitRule(most=4096)
"""A target takes as many calls as the gateway does; its connections are bounded elsewhere."""
PLAIN = Terms()


class Way(Struct, frozen=True, kw_only=True):
    """Where a call may go. `alone` is the whole plan where that is one target asked once: then no walk is needed.

    With `rule` the plan is asked in a race with `second`.
    """

    plan: Plan
    budget: Budget
    alone: Single | None = None
    name: str = ""  # the name of `alone`'s health
    second: Plan | None = None
    rule: Rule | None = None
    told: bool = False  # the request chose it by a config
    cache: CacheWish | None = None  # what its first target's config says of the cache
    mark: str = ""  # whom it asks and with which parameters, for the keys of the cache


class Router:
    """Finds ways and begins walks; does no I/O."""

    def __init__(self, catalog: Catalog, known: Known, rng: random.Random, now: float) -> None:
        """`known` is what configs may refer to; its `saved` is replaced by the router's own."""
        self.catalog = catalog
        self.health = Health(rng, limit=ROOM)
        self._budgets = Budgets()
        self._rng = rng
        self._now = now
        self._saved: Mapping[str, Json] = {}
        self._known = structs.replace(known, saved=self._find)
        self._ways: OrderedDict[object, Way] = OrderedDict()

    @property
    def saved(self) -> Mapping[str, Json]:
        """The saved configs by name."""
        return self._saved

    def targets(self, now: float) -> list[Shown]:
        """How the catalog's own targets do; those with keys or hosts of a request's own are not for display."""
        own = {f"{entry.target.provider}/{entry.target.upstream}" for entry in self.catalog.entries.values()}
        return [one for one in self.health.shown(now) if one.name in own]

    def replace(self, saved: Mapping[str, Json]) -> None:
        """Holds these saved configs and no others."""
        self._saved = dict(saved)
        self._ways.clear()

    def known(self, saved: Mapping[str, Json]) -> Known:
        """What a config may refer to among these saved ones."""
        return structs.replace(self._known, saved=saved.get)

    def mistakes(self, config: Json, saved: Mapping[str, Json]) -> list[Mistake]:
        """What would be wrong with a config (an object, or the name of one) among these saved ones."""
        found = read_config(config, self.known(saved))
        return found if isinstance(found, list) else []

    def _find(self, slug: str) -> Json | None:
        return self._saved.get(slug)

    def way(self, call: Call) -> Way:
        """The way of a call. Raises NotFound for a model that nobody knows, BadRequest for a config that is wrong."""
        ask = call.ask
        config = ask.fallback_config
        second = ask.fallback_model or (config.model if config else None)
        race = (config.strategy, config.timeout) if config is not None else None
        key = (ask.model, second, race, call.directions)
        way = self._ways.get(key)
        if way is None:
            rule = read_rule(config)
            way = self._ways[key] = self._new(ask.model or "", second, rule, call.directions)
            if len(self._ways) > MOST_WAYS:
                self._ways.popitem(last=False)
        return way

    def walk(self, plan: Plan, call: Call, budget: Budget) -> Walk:
        """The beginning of a call's walk through a plan."""
        around = Around(
            gate=self.health, budget=budget, rng=self._rng, deadline=call.deadline, context=self.catalog.context
        )
        return Walk(plan, CallFacts(call, call.path), around)

    def _new(self, model: str, second: str | None, rule: Rule, directions: Directions | None) -> Way:
        told = directions is not None
        tokens = self._budgets.of((directions.config if directions else None) or model, self._now)
        raced = rule.timeout is not None or rule.strategy == "first_response"
        plan = self._by_name(model) if directions is None else self._directed(directions, model)
        if second is not None and raced:
            other = self._by_name(second)
            way = Way(plan=plan, second=other, rule=rule, budget=tokens, told=told)
            return structs.replace(way, cache=_wish(plan), mark=f"{_mark(plan)}|{_mark(other)}")
        if second is not None:
            plan = self._followed(plan, model, second, told=told)
        if isinstance(plan, Single) and plan.terms == PLAIN and plan.api_key is None:
            return Way(plan=plan, alone=plan, name=identity(plan), budget=tokens, told=told, mark=_mark(plan))
        return Way(plan=plan, budget=tokens, told=told, cache=_wish(plan), mark=_mark(plan))

    def _followed(self, plan: Plan, model: str, second: str, *, told: bool) -> Plan:
        """The plan, and after it the model `second`; each model once, where both are models."""
        if not told and model not in self._saved and second not in self._saved:
            return plan_of(self.catalog.route(model.removeprefix("@"), second), terms=self.catalog.terms)
        return Fallback(children=(plan, self._by_name(second)), on_status_codes=MAY_DO_BETTER)

    def _by_name(self, model: str) -> Plan:
        """The plan of a model, or of a saved config that goes by this name."""
        if model in self._saved and model not in self.catalog.entries:
            return resolve(self._read(model), None, self.catalog)
        name = model.removeprefix("@")
        if name in NO_MODEL:
            raise NotFound(
                f"There is no model `{model}` here: name one, or send a config that does.",
                param="model",
                code="model_not_found",
            )
        return plan_of(self.catalog.route(name), terms=self.catalog.terms)

    def _directed(self, directions: Directions, model: str) -> Plan:
        config = _config_of(directions)
        plan = self._read(config, directions.provider)
        named = model if model not in self._saved or model in self.catalog.entries else None
        return resolve(plan, named, self.catalog)

    def _read(self, config: Json, provider: str | None = None) -> Plan:
        given = provider.removeprefix("@") if provider else None
        if given is not None and given not in self._known.providers:
            raise BadRequest(
                f"`x-portkey-provider` names no provider of this gateway: `{given[:100]}`.",
                param="x-portkey-provider",
                code="invalid_config",
            )
        found = read_config(config, self._known, provider=given)
        if isinstance(found, list):
            raise wrong_config(found)
        return found


def _wish(plan: Plan) -> CacheWish | None:
    return next(leaves(plan)).terms.cache


def _mark(plan: Plan) -> str:
    return ",".join(f"{identity(leaf)}{_encoded(leaf.terms.override_params)}" for leaf in leaves(plan))


def _encoded(params: Mapping[str, Json]) -> str:
    return msgspec.json.encode(params, order="sorted").decode() if params else ""


def wrong_config(found: list[Mistake]) -> BadRequest:
    """The refusal of a config, every mistake with its place."""
    said = " ".join(f"{one.place or 'config'}: {one.sentence}" for one in found[:8])
    return BadRequest(f"The routing config can not be used. {said}", param="x-portkey-config", code="invalid_config")


def _config_of(directions: Directions) -> Json:
    """One config out of all that a request's headers say; what the config itself says wins."""
    try:
        config = parse_config(directions.config) if directions.config else {}
    except ValueError as error:
        raise BadRequest(f"x-portkey-config: {error}", param="x-portkey-config", code="invalid_config") from None
    around: dict[str, Json] = {}
    if directions.custom_host:
        around["custom_host"] = directions.custom_host
    if directions.request_timeout:
        digits = directions.request_timeout
        around["request_timeout"] = int(digits) if digits.isascii() and digits.isdigit() else digits
    if directions.virtual_key and not directions.config:
        around["virtual_key"] = directions.virtual_key
    if not around:
        return config
    if isinstance(config, str):
        return {**around, "config": config}
    return {**around, **config} if isinstance(config, dict) else config

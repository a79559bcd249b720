"""Reads the `strategy` of a config: how its targets, which are read already, become a branch of the plan."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from parley.core.asks import Json
from parley.routing.mistakes import Mistakes, clipped, guess, under
from parley.routing.plan import Balance, Branch, Conditional, Fallback, LoadBalance, Plan, Share
from parley.routing.query import FactName
from parley.routing.query_config import read_fact, read_query
from parley.routing.terms_config import TermsReader, positive

MOST_CONDITIONS = 64
LONGEST_TTL = 365 * 24 * 3600


class Child(Struct, frozen=True, kw_only=True):
    """A target that was read, with what only its strategy looks at."""

    plan: Plan
    index: int
    name: str | None
    weight: float

    @classmethod
    def of(cls, given: Json, index: int, plan: Plan) -> "Child":
        """The child that `given` describes."""
        said = given if isinstance(given, dict) else {}
        name, weight = said.get("name"), said.get("weight")
        return cls(
            plan=plan,
            index=index,
            name=name if isinstance(name, str) else None,
            weight=float(weight) if weight is not None and positive(weight) else 1.0,
        )


class StrategyReader(Struct, frozen=True, kw_only=True):
    """Reads strategies and notes what is wrong with them."""

    terms: TermsReader
    mistakes: Mistakes

    def read(self, given: Json, place: str, path: str, children: Sequence[Child], *, complete: bool) -> Plan | None:
        """The branch; `complete`: all its targets were good, so that what is missing now is really missing."""
        here = under(place, "strategy")
        if given is None:
            self.mistakes.add(here, f"`targets` need a strategy, such as {{'mode': 'fallback'}}; {MODES}.")
            return None
        mode = given.get("mode") if isinstance(given, dict) else None
        if not isinstance(mode, str) or mode not in STRATEGIES:
            self.mistakes.add(under(here, "mode"), f"{MODES}; it is {clipped(mode)}.")
            return None
        keys, reader = STRATEGIES[mode]
        if "cb_config" in given:
            self.mistakes.add(under(here, "cb_config"), "every target has a circuit breaker already; leave it out.")
        self.terms.table({k: v for k, v in given.items() if k != "cb_config"}, here, ("mode", *keys))
        return reader(self, given, here, path, children) if complete else None

    def single(self, given: Mapping[str, Json], here: str, path: str, children: Sequence[Child]) -> Plan | None:
        """The only target. Portkey takes the first of several and says nothing."""
        if len(children) != 1:
            self.mistakes.add(here, f"`single` has one target, but there are {len(children)}.")
        return children[0].plan

    def fallback(self, given: Mapping[str, Json], here: str, path: str, children: Sequence[Child]) -> Plan | None:
        """The targets in their order."""
        return Fallback(children=tuple(child.plan for child in children), on_status_codes=self._codes(given, here))

    def loadbalance(self, given: Mapping[str, Json], here: str, path: str, children: Sequence[Child]) -> Plan | None:
        """The targets by weight."""
        if not any(child.weight > 0 for child in children):
            self.mistakes.add(here, "every target's weight is 0; give at least one a weight above 0.")
        failover = given.get("failover")
        return LoadBalance(
            shares=tuple(Share(plan=child.plan, weight=child.weight) for child in children),
            balance=self._balance(given.get("balance"), under(here, "balance")),
            sticky=self._sticky(given.get("sticky"), under(here, "sticky")),
            failover=bool(self.terms.flag(failover, under(here, "failover"))) if failover is not None else False,
            on_status_codes=self._codes(given, here),
        )

    def conditional(self, given: Mapping[str, Json], here: str, path: str, children: Sequence[Child]) -> Plan | None:
        """The targets by what is asked."""
        named = self._named(children, here)
        conditions = given.get("conditions")
        place = under(here, "conditions")
        if not isinstance(conditions, list) or not 0 < len(conditions) <= MOST_CONDITIONS:
            self.mistakes.add(place, f"it must be a list of 1 to {MOST_CONDITIONS} conditions.")
            return None
        branches = [self._branch(one, f"{place}[{i}]", named) for i, one in enumerate(conditions)]
        default = given.get("default")
        return Conditional(
            branches=tuple(branch for branch in branches if branch is not None),
            default=None if default is None else self._one(default, under(here, "default"), named),
            path=path,
        )

    def _named(self, children: Sequence[Child], here: str) -> dict[str, Plan]:
        named: dict[str, Plan] = {}
        targets = here.removesuffix("strategy") + "targets"
        for child in children:
            if child.name is None:
                self.mistakes.add(f"{targets}[{child.index}].name", "conditions choose by name: give it one.")
            elif child.name in named:
                self.mistakes.add(
                    f"{targets}[{child.index}].name", f"another target has the name {clipped(child.name)}."
                )
            else:
                named[child.name] = child.plan
        return named

    def _branch(self, given: Json, place: str, named: Mapping[str, Plan]) -> Branch | None:
        if not self.terms.table(given, place, ("query", "then")):
            return None
        query = read_query(given.get("query"), under(place, "query"), self.mistakes)
        plan = self._one(given.get("then"), under(place, "then"), named)
        return None if plan is None else Branch(when=query, plan=plan)

    def _one(self, name: Json, place: str, named: Mapping[str, Plan]) -> Plan | None:
        plan = named.get(name) if isinstance(name, str) else None
        if plan is None:
            self.mistakes.add(place, f"there is no target named {clipped(name)}.{guess(str(name)[:100], named)}")
        return plan

    def _codes(self, given: Mapping[str, Json], here: str) -> frozenset[int] | None:
        codes = given.get("on_status_codes")
        return None if codes is None else self.terms.codes(codes, under(here, "on_status_codes"))

    def _balance(self, given: Json, place: str) -> Balance:
        if given not in (None, "weighted", "latency"):
            self.mistakes.add(place, f"it must be weighted or latency, not {clipped(given)}.")
        return "latency" if given == "latency" else "weighted"

    def _sticky(self, given: Json, place: str) -> tuple[FactName, ...]:
        if given is None or not self.terms.table(given, place, ("enabled", "hash_fields", "ttl")):
            return ()
        enabled, ttl, fields = given.get("enabled"), given.get("ttl"), given.get("hash_fields")
        if enabled is not None:
            self.terms.flag(enabled, under(place, "enabled"))
        if ttl is not None and (not positive(ttl) or ttl > LONGEST_TTL):
            self.mistakes.add(under(place, "ttl"), f"it must be seconds, but it is {clipped(ttl)}.")
        place = under(place, "hash_fields")
        fields = ["session_id"] if fields is None else fields
        if not isinstance(fields, list) or not fields or not all(isinstance(one, str) for one in fields):
            self.mistakes.add(place, "it must be a list such as ['session_id', 'user_id', 'metadata.tenant'].")
            return ()
        found = [read_fact(one, f"{place}[{i}]", self.mistakes) for i, one in enumerate(fields[:16])]
        return tuple(name for name in found if name is not None) if enabled is not False else ()


STRATEGIES: dict[
    str,
    tuple[tuple[str, ...], Callable[[StrategyReader, Mapping[str, Json], str, str, Sequence[Child]], Plan | None]],
] = {
    "single": ((), StrategyReader.single),
    "fallback": (("on_status_codes",), StrategyReader.fallback),
    "loadbalance": (("on_status_codes", "balance", "sticky", "failover"), StrategyReader.loadbalance),
    "conditional": (("conditions", "default"), StrategyReader.conditional),
}
MODES = f"a mode is one of {', '.join(STRATEGIES)}"

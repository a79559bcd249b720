"""The catalog: every model name that clients may use, and where it leads."""

import difflib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from parley.core.errors import NotFound
from parley.core.route import Route, Target
from parley.routing.plan import Terms

PLAIN = Terms()


class Entry(Struct, frozen=True, kw_only=True):
    """A model by the name that clients use, and the models to try when it fails.

    `context` is how many tokens it can hold, `terms` how it is asked where no config says so.
    """

    target: Target
    fallback: tuple[str, ...] = ()
    context: int | None = None
    terms: Terms = Terms()


class Catalog:
    """Finds the route of a model name; `provider/model` leads to any model of a configured provider."""

    def __init__(self, entries: Sequence[Entry], providers: Sequence[str]) -> None:
        self.entries: Mapping[str, Entry] = {entry.target.model: entry for entry in entries}
        self._providers = frozenset(providers)
        self._routes = {name: Route(targets=self._targets(name)) for name in self.entries}

    def route(self, model: str, fallback_model: str | None = None) -> Route:
        """The targets for `model`, then for `fallback_model`. Raises NotFound with the names that are near."""
        route = self._routes.get(model)
        if route is None:
            route = Route(targets=(self._direct(model),))
        if fallback_model is None:
            return route
        seen = {target.model for target in route.targets}
        more = tuple(t for t in self.route(fallback_model).targets if t.model not in seen)
        return Route(targets=(*route.targets, *more))

    def context(self, target: Target) -> int | None:
        """How many tokens a target can hold, where that is known."""
        entry = self.entries.get(target.model)
        return entry.context if entry is not None and entry.target == target else None

    def terms(self, target: Target) -> Terms:
        """How a target is asked where no config says so."""
        entry = self.entries.get(target.model)
        return entry.terms if entry is not None and entry.target == target else PLAIN

    def _targets(self, name: str) -> tuple[Target, ...]:
        """`name` and what its fallbacks lead to, depth first, each model once."""
        found: dict[str, Target] = {}
        waiting = [name]
        while waiting:
            model = waiting.pop(0)
            if model in found:
                continue
            entry = self.entries.get(model)
            found[model] = entry.target if entry else self._direct(model)
            waiting[:0] = entry.fallback if entry else ()
        return tuple(found.values())

    def _direct(self, model: str) -> Target:
        provider, _, upstream = model.partition("/")
        if upstream and provider in self._providers:
            return Target(model=model, provider=provider, upstream=upstream)
        near = difflib.get_close_matches(model, list(self.entries), 3)
        guess = f" Did you mean {' or '.join(f'`{n}`' for n in near)}?" if near else ""
        raise NotFound(
            f"There is no model `{model}` here.{guess} GET /v1/models lists what there is.",
            param="model",
            code="model_not_found",
            type="invalid_request_error",
        )

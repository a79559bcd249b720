"""The catalog: every model name that clients may use, and where it leads."""

import difflib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from parley.core.errors import NotFound
from parley.core.route import Route, Target


class Entry(Struct, frozen=True, kw_only=True):
    """A model by the name that clients use, and the models to try when it fails."""

    target: Target
    fallback: tuple[str, ...] = ()


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

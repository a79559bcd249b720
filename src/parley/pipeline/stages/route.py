"""Route: finds who may answer the call.

Reads: the ask's `model`, `fallback_model` and `fallback_config`.
Writes: nothing; returns the route.
Fails: closed (an unknown model is a 404).
Costs: one dict lookup.
"""

from parley.core.call import Call
from parley.core.route import Route
from parley.routing.catalog import Catalog


def route(call: Call, catalog: Catalog) -> Route:
    """The targets to try, in order. Raises NotFound."""
    ask = call.ask
    second = ask.fallback_model or (ask.fallback_config.model if ask.fallback_config else None)
    return catalog.route(ask.model or "", second)

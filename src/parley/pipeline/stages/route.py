"""Route: finds who may answer the call, and in which order.

Reads: the ask's `model`, `fallback_model` and `fallback_config`; the config that the request's headers name.
Writes: nothing; returns the way.
Fails: closed (an unknown model is a 404, a config that is wrong a 400).
Costs: one dict lookup for a way that was gone before; some 100 microseconds for a new config.
"""

from parley.core.call import Call
from parley.routing.router import Router, Way


def route(call: Call, router: Router) -> Way:
    """The way to the targets. Raises NotFound or BadRequest."""
    return router.way(call)

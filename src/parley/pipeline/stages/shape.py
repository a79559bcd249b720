"""Shape: gives the call what its intent and application say and it does not.

Reads: the ask, the application, the intent; last, what the client's service promises.
Writes: fields of the ask that were not given.
Fails: closed (a call without a model is refused).
Costs: one dict lookup; a copy of the ask where a default applies.
"""

from msgspec import structs

from parley.accounts.applications import Registry, apply_defaults, fill_in
from parley.core.call import Call
from parley.core.errors import BadRequest
from parley.core.flags import check_flags


def shape(call: Call, applications: Registry) -> Call:
    """The call with every default filled in.

    Raises BadRequest when no model is named anywhere, or flags contradict each other.
    """
    ask = apply_defaults(call.ask, applications.defaults(call.whose.application, call.whose.intent))
    if call.source.settles:
        ask = fill_in(ask, call.source.settles)
    if not ask.model and call.directions is None:
        raise BadRequest(
            "`model` is missing: name one in the request, or set it for the application or intent. "
            "GET /v1/models lists what there is.",
            param="model",
        )
    if ask is call.ask:
        return call
    check_flags(ask)
    return structs.replace(call, ask=ask)

"""Flags that can not hold together, wherever they come from: the request, its intent or its application."""

from parley.core.asks import Ask
from parley.core.errors import BadRequest

NEEDS_EVALUATION = ("apply_corrections", "safe_mode")


def check_flags(ask: Ask) -> None:
    """Raises BadRequest where correction or safe mode is asked for and evaluation is turned off."""
    if ask.evaluation_enabled is not False:
        return
    for name in NEEDS_EVALUATION:
        if getattr(ask, name):
            raise BadRequest(
                f"`{name}` needs the evaluation that `evaluation_enabled: false` turns off: leave one of them out.",
                param=name,
                code="contradictory_parameters",
            )

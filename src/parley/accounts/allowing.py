"""Checks allowances as they are given, and tells what each counts."""

from parley.accounts.purse import Bound
from parley.core.allowances import Allowance
from parley.core.errors import BadRequest

MINUTE = "minute"


def check_allowance(allowance: Allowance) -> Allowance:
    """The allowance. Raises BadRequest for a budget of nothing, of two things, or that is there twice."""
    seen = set()
    for place, budget in enumerate(allowance.budgets or ()):
        name = f"budgets[{place}]"
        if (budget.usd is None) == (budget.tokens is None):
            raise BadRequest(f"`{name}` has either `usd` or `tokens`.", param=name)
        one = (budget.per, budget.usd is None)
        if one in seen:
            measure = "tokens" if budget.usd is None else "usd"
            raise BadRequest(f"`{name}`: there is another budget of {measure} per {budget.per}.", param=name)
        seen.add(one)
    return allowance


def bounds_of(holder: str, allowance: Allowance) -> tuple[Bound, ...]:
    """Everything that a holder is counted by."""
    found = []
    for budget in allowance.budgets or ():
        measure, most = ("tokens", float(budget.tokens or 0)) if budget.usd is None else ("usd", budget.usd)
        found.append(Bound(holder=holder, measure=measure, per=budget.per, most=most))
    limits = allowance.limits
    if limits is not None:
        if limits.requests_per_minute is not None:
            found.append(Bound(holder=holder, measure="requests", per=MINUTE, most=float(limits.requests_per_minute)))
        if limits.tokens_per_minute is not None:
            found.append(Bound(holder=holder, measure="tokens", per=MINUTE, most=float(limits.tokens_per_minute)))
    found.sort(key=lambda bound: bound.durable)  # a limit is asked first: it says no for a shorter time
    return tuple(found)

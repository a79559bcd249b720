"""Takes from a way the targets that a caller may not ask."""

from collections.abc import Iterable, Sequence

from msgspec import structs

from parley.core.errors import ModelNotAllowed
from parley.routing.plan import Branch, Conditional, Fallback, LoadBalance, Plan, Share, Single, leaves
from parley.routing.router import Way


def narrowed(way: Way, patterns: Sequence[str], asked: str) -> Way:
    """`way` with the targets alone that fit a pattern: a name, `provider/name`, or a beginning of either and `*`.

    Raises ModelNotAllowed where none is left, or where the model that was `asked` for by name is not among them.
    """
    if all(_fits(leaf, patterns) for plan in _plans(way) for leaf in leaves(plan)):
        return way
    first = next(leaves(way.plan))
    plan = _kept(way.plan, patterns)
    if plan is None or (not way.told and isinstance(way.plan, Single | Fallback) and not _fits(first, patterns)):
        name = first.target.model if first.target is not None else asked
        raise ModelNotAllowed(
            f"Model `{name[:200]}` is not allowed for this key or its account; allowed are: {_listed(patterns)}.",
            param="model",
        )
    second = None if way.second is None else _kept(way.second, patterns)
    rule = way.rule if second is not None else None
    mark = f"{way.mark}|{','.join(patterns)}"
    return structs.replace(way, plan=plan, second=second, rule=rule, alone=None, mark=mark)


def _plans(way: Way) -> Iterable[Plan]:
    return (way.plan,) if way.second is None else (way.plan, way.second)


def _kept(plan: Plan, patterns: Sequence[str]) -> Plan | None:
    match plan:
        case Single():
            return plan if _fits(plan, patterns) else None
        case Fallback(children=children):
            kept = tuple(one for child in children if (one := _kept(child, patterns)) is not None)
            return structs.replace(plan, children=kept) if kept else None
        case LoadBalance(shares=shares):
            left = tuple(
                Share(plan=one, weight=share.weight)
                for share in shares
                if (one := _kept(share.plan, patterns)) is not None
            )
            return structs.replace(plan, shares=left) if left else None
        case Conditional(branches=branches, default=default):
            ways = tuple(
                Branch(when=branch.when, plan=one)
                for branch in branches
                if (one := _kept(branch.plan, patterns)) is not None
            )
            other = None if default is None else _kept(default, patterns)
            return structs.replace(plan, branches=ways, default=other) if ways or other is not None else None


def _fits(leaf: Single, patterns: Sequence[str]) -> bool:
    target = leaf.target
    if target is None:
        return False
    names = (target.model, f"{target.provider}/{target.upstream}")
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns
        for name in names
    )


def _listed(patterns: Sequence[str]) -> str:
    return ", ".join(patterns[:20]) or "none"

"""What an account or a key may use: budgets, limits per minute, models."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Period = Literal["day", "week", "month"]
Pattern = Annotated[str, Meta(min_length=1, max_length=200)]
Whole = Annotated[int, Meta(ge=1, le=2**53)]


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How much may be spent in a period: US dollars or tokens, one of them.

    Days begin at 00:00 UTC, weeks on Sunday, months on the 1st. What has no known price costs nothing.
    """

    per: Period
    usd: Annotated[float, Meta(gt=0, le=1e12)] | None = None
    tokens: Whole | None = None


class PerMinute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How much may be asked in any minute."""

    requests_per_minute: Whole | None = None
    tokens_per_minute: Whole | None = None


class Allowance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything that bounds an account or a key; what is not given is not bounded.

    `models` are names of models as clients write them, `provider/model`, or beginnings of either that end in `*`.
    """

    budgets: Annotated[list[Budget], Meta(max_length=16)] | None = None
    limits: PerMinute | None = None
    models: Annotated[list[Pattern], Meta(max_length=1000)] | None = None


class Account(Struct, frozen=True, kw_only=True):
    """An account: it owns keys and the data of their requests; `created` in epoch seconds."""

    id: str
    name: str
    created: float
    allowance: Allowance = Allowance()


class Draw(Struct, frozen=True, kw_only=True):
    """What a worker tells the store of one budget in the period from `since`, and what it wants.

    It holds `kept` from now until `until`, spent `add` that no record tells of, and needs `need` more of `most`.
    `earlier` are the beginning of the period before and how much of what was spent then still counts. With `overdraw`
    a call that is alone gets what it needs as long as anything is left.
    """

    budget: str
    since: float
    worker: str
    most: float
    kept: float
    need: float
    add: float
    earlier: tuple[float, float] | None
    overdraw: bool
    now: float
    until: float


class Drawn(Struct, frozen=True, kw_only=True):
    """What a draw brought: `granted`, what is `spent` now (`earlier` of it before), and what `others` hold."""

    granted: float
    spent: float
    others: float
    earlier: float = 0.0

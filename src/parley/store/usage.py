"""Usage summed up by what is asked for, from the index by time alone: no roll-up that could contradict the records."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from parley.core.errors import BadRequest
from parley.core.holdings import UsageRow
from parley.core.record import ANSWERED, FAILED, LEFT, REFUSED
from parley.store.tables import requests

GROUPS = ("account", "application", "intent", "model", "provider", "user_id", "day")
COUNTED = ("prompt_tokens", "completion_tokens", "cached_tokens")
MONEY = ("cost_usd", "saved_usd")
OUTCOMES = (ANSWERED, REFUSED, FAILED, LEFT)
DAY = 86_400


class _day(GenericFunction[int]):  # noqa: N801
    """The number of the UTC day, counted from 1970-01-01."""

    type = Integer()
    inherit_cache = True


@compiles(_day, "sqlite")
def _day_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} / {DAY} AS INTEGER)"


@compiles(_day, "postgresql")
def _day_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(FLOOR({compiler.process(element.clauses, **options)} / {DAY}) AS INTEGER)"


def sums(by: list[str]) -> Select[Any]:
    """The query for the sums per group. Raises BadRequest for a group that is none of `GROUPS`."""
    for name in by:
        if name not in GROUPS:
            raise BadRequest(f"`by` takes {', '.join(GROUPS)}; not {name!r}.", param="by", code="invalid_value")
    groups = [_group(name) for name in by]
    counted = [func.coalesce(func.sum(requests.c[name]), 0).label(name) for name in COUNTED]
    ended = [
        func.coalesce(func.sum(case((requests.c.outcome == name, 1), else_=0)), 0).label(name) for name in OUTCOMES
    ]
    money = [func.coalesce(func.sum(requests.c[name]), 0.0).label(name) for name in MONEY]
    labelled = [group.label(f"group_{i}") for i, group in enumerate(groups)]
    return select(*labelled, func.count().label("requests"), *counted, *money, *ended).group_by(*groups)


def _group(name: str) -> ColumnElement[Any]:
    if name == "day":
        return _day(requests.c.created)
    return func.coalesce(requests.c[name], "") if requests.c[name].nullable else requests.c[name]


def usage_row(by: list[str], row: Row[Any]) -> UsageRow:
    """One group's sums."""
    values = dict(row._mapping)
    group = {name: _shown(name, values.pop(f"group_{i}")) for i, name in enumerate(by)}
    money = {name: float(values.pop(name)) for name in MONEY}
    return UsageRow(group=group, **money, **{name: int(value) for name, value in values.items()})


def _shown(name: str, value: Any) -> str:
    if name != "day":
        return str(value)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value)).strftime("%Y-%m-%d")

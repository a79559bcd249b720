"""Usage summed up by what is asked for, from the index by time alone: no roll-up that could contradict the records.

Sums by metadata, key, operation, status or cache read the records as well.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, String, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from parley.core.errors import BadRequest
from parley.core.holdings import UsageRow
from parley.core.record import ANSWERED, FAILED, LEFT, REFUSED
from parley.store.tables import requests

INDEXED = ("account", "application", "intent", "model", "provider", "user_id", "day")
GROUPS = (*INDEXED, "key_id", "operation", "status", "cache")
METADATA = "metadata."
"""Before the name of a metadata key that is summed by."""
CUT = 128
"""Characters of a metadata value that tell groups apart (Portkey's bound, 2026-08); records keep all of it."""
COUNTED = ("prompt_tokens", "completion_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens")
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


class _metadata(GenericFunction[str]):  # noqa: N801
    """The value of one metadata key as text, cut; NULL where the request has none."""

    type = String()
    inherit_cache = True


class _strange(_metadata):  # noqa: N801
    """The same of a key that SQLite's `->>` would take for a path."""

    inherit_cache = True


@compiles(_strange, "sqlite")
def _strange_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    kept, key = (compiler.process(part, **options) for part in element.clauses)
    return f"(SELECT SUBSTR(one.value, 1, {CUT}) FROM json_each({kept}) AS one WHERE one.key = {key})"  # noqa: S608  # both are bound parameters


@compiles(_metadata, "sqlite")
def _metadata_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    kept, key = (compiler.process(part, **options) for part in element.clauses)
    return f"SUBSTR({kept} ->> {key}, 1, {CUT})"


@compiles(_metadata, "postgresql")
@compiles(_strange, "postgresql")
def _metadata_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    kept, key = (compiler.process(part, **options) for part in element.clauses)
    return f"SUBSTR(CAST({kept} AS JSON) ->> CAST({key} AS VARCHAR), 1, {CUT})"


def metadata_value(key: str) -> ColumnElement[str]:
    """What a request's metadata says under `key`, cut as in groups."""
    kind = _strange if key.startswith(("$", "[")) or '"' in key or "\\" in key else _metadata
    return kind(requests.c.metadata, key)


def sums(by: list[str]) -> Select[Any]:
    """The query for the sums per group. Raises BadRequest for one that is not in `GROUPS` and no `metadata.KEY`."""
    for name in by:
        if name not in GROUPS and not (name.startswith(METADATA) and name != METADATA):
            raise BadRequest(
                f"`by` takes {', '.join(GROUPS)} or metadata.KEY; not {name!r}.", param="by", code="invalid_value"
            )
    groups = [_group(name).label(f"group_{i}") for i, name in enumerate(by)]
    counted = [func.coalesce(func.sum(requests.c[name]), 0).label(name) for name in COUNTED]
    ended = [
        func.coalesce(func.sum(case((requests.c.outcome == name, 1), else_=0)), 0).label(name) for name in OUTCOMES
    ]
    money = [func.coalesce(func.sum(requests.c[name]), 0.0).label(name) for name in MONEY]
    return select(*groups, func.count().label("requests"), *counted, *money, *ended).group_by(
        *(f"group_{i}" for i in range(len(by)))  # by label: two bound parameters are two expressions to PostgreSQL
    )


def _group(name: str) -> ColumnElement[Any]:
    if name == "day":
        return _day(requests.c.created)
    if name.startswith(METADATA):
        return func.coalesce(metadata_value(name.removeprefix(METADATA)), "")
    return func.coalesce(requests.c[name], "") if requests.c[name].nullable else requests.c[name]


def usage_row(by: list[str], row: Row[Any]) -> UsageRow:
    """One group's sums."""
    values = dict(row._mapping)
    group = {name: _shown(name, values.pop(f"group_{i}")) for i, name in enumerate(by)}
    money: dict[str, Any] = {name: float(values.pop(name)) for name in MONEY}
    counted: dict[str, Any] = {name: int(value) for name, value in values.items()}
    return UsageRow(group=group, **money, **counted)


def _shown(name: str, value: Any) -> str:
    if name != "day":
        return str(value)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value)).strftime("%Y-%m-%d")

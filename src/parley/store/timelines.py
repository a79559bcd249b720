"""Sessions as their requests tell of them: a list, and what happened in one, turn by turn."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, tuple_

from parley.core.holdings import Page, SessionSums, SessionTurn
from parley.core.record import Record
from parley.store.cursor import read_cursor, write_cursor
from parley.store.database import Database
from parley.store.forgetting import Removed, accounts_of_session, forget_session
from parley.store.rows import record_of
from parley.store.tables import evaluations, feedback, requests, turns, verdicts

FILTERS = ("account", "application")
END_OF_TIME = 1e12
PIECE = 200
"""Turns that are read at once."""

newer = requests.alias("newer")
LAST = ~(
    select(newer.c.id)
    .where(
        newer.c.session_id == requests.c.session_id,
        newer.c.account == requests.c.account,
        newer.c.application == requests.c.application,
        newer.c.created >= requests.c.created,  # alone, so that the index by session is read from here on
        or_(
            newer.c.created > requests.c.created,
            and_(newer.c.created == requests.c.created, newer.c.id > requests.c.id),
        ),
    )
    .exists()
)
"""Whether a request is the newest of its session; the index by session answers it."""


class Timelines:
    """The repository of sessions, to be read and to be removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, filters: Mapping[str, Any], limit: int, after: str | None) -> Page[SessionSums]:
        """Sessions, that with the newest request first; `filters` takes `FILTERS`, `user_id`, and times
        `since` and `until` of the newest request.

        Raises BadRequest for an `after` that is no cursor.
        """
        wanted = select(requests.c.created, requests.c.id, *_KEY).where(requests.c.session_id != "", LAST)
        wanted = wanted.where(*_matching(filters))
        at, id = (END_OF_TIME, "") if after is None else read_cursor(after, tuple[float, str])
        wanted = wanted.where(requests.c.created <= at)  # always, so that the index by time gives the order
        if after is not None:
            wanted = wanted.where(tuple_(requests.c.created, requests.c.id) < (at, id))
        wanted = wanted.order_by(requests.c.created.desc(), requests.c.id.desc()).limit(limit + 1)

        def work(connection: Connection) -> tuple[Sequence[Any], list[SessionSums]]:
            found = connection.execute(wanted).all()
            return found, _sums(connection, [(row.account, row.application, row.session_id) for row in found[:limit]])

        found, sums = await self._database.read(work)
        last = found[limit - 1] if len(found) > limit else None
        return Page(sums, write_cursor((last.created, last.id)) if last is not None else None)

    async def accounts_of(self, application: str, session_id: str) -> list[str]:
        """The accounts that have a session of this id."""
        return await self._database.read(lambda connection: accounts_of_session(connection, application, session_id))

    async def sums(self, account: str, application: str, session_id: str) -> SessionSums | None:
        """What a session comes to; None where there is none."""

        key = (account, application, session_id)
        found = await self._database.read(lambda connection: _sums(connection, [key]))
        return found[0] if found else None

    async def turns(
        self, account: str, application: str, session_id: str, limit: int = PIECE, after: str | None = None
    ) -> Page[SessionTurn]:
        """Requests of a session, oldest first, each with what was judged and thought of it."""
        wanted = select(requests).where(*_of(account, application, session_id))
        if after is not None:
            wanted = wanted.where(tuple_(requests.c.created, requests.c.id) > read_cursor(after, tuple[float, str]))
        wanted = wanted.order_by(requests.c.created, requests.c.id).limit(limit + 1)
        page = await self._database.read(lambda connection: _told(connection, list(connection.execute(wanted)), limit))
        last = page[-1].record if len(page) > limit else None
        shown = page[:limit]
        return Page(shown, write_cursor((shown[-1].record.created, shown[-1].record.id)) if last is not None else None)

    async def remove(self, account: str, application: str, session_id: str) -> Removed:
        """Removes what was said in a session; how much of what that was."""
        return await self._database.write(
            lambda connection: forget_session(connection, account, application, session_id)
        )


_KEY = (requests.c.account, requests.c.application, requests.c.session_id)
Key = tuple[str, str, str]
"""Account, application and session."""


def _of(account: str, application: str, session_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        requests.c.session_id == session_id,
        requests.c.account == account,
        requests.c.application == application,
    )


def _matching(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    conditions = [requests.c[name] == filters[name] for name in FILTERS if filters.get(name) is not None]
    if filters.get("user_id") is not None:
        conditions.append(_with_user(filters["user_id"]))
    if filters.get("since") is not None:
        conditions.append(requests.c.created >= filters["since"])
    if filters.get("until") is not None:
        conditions.append(requests.c.created < filters["until"])
    return conditions


def _with_user(user_id: str) -> ColumnElement[bool]:
    """Whether a request of the same session is of this user."""
    same = requests.alias("same")
    return (
        select(same.c.id)
        .where(
            same.c.session_id == requests.c.session_id,
            same.c.account == requests.c.account,
            same.c.application == requests.c.application,
            same.c.user_id == user_id,
        )
        .exists()
    )


def _sums(connection: Connection, keys: Sequence[Key]) -> list[SessionSums]:
    """What each of these sessions comes to; those that have no request are left out."""
    these = and_(requests.c.session_id.in_([key[2] for key in keys]), tuple_(*_KEY).in_(keys))
    counted = select(
        *_KEY,
        func.min(requests.c.created),
        func.max(requests.c.created),
        func.count(),
        func.coalesce(func.sum(requests.c.prompt_tokens), 0),
        func.coalesce(func.sum(requests.c.completion_tokens), 0),
        func.coalesce(func.sum(requests.c.cost_usd), 0.0),
        func.coalesce(func.sum(requests.c.latency_ms), 0.0),
    )
    found = {tuple(row[:3]): row[3:] for row in connection.execute(counted.where(these).group_by(*_KEY))}
    users: dict[Key, list[str]] = {}
    who = select(*_KEY, requests.c.user_id).where(these, requests.c.user_id.is_not(None)).distinct()
    for account, application, session_id, user_id in connection.execute(who.order_by(requests.c.user_id)):
        users.setdefault((account, application, session_id), []).append(user_id)
    judged = evaluations.join(requests, evaluations.c.request_id == requests.c.id)
    faulty = select(*_KEY, func.count()).select_from(judged).where(these, evaluations.c.status == "FAULT")
    faults = {tuple(row[:3]): row[3] for row in connection.execute(faulty.group_by(*_KEY))}
    return [_summed(key, found[key], users.get(key, []), faults.get(key, 0)) for key in keys if key in found]


def _summed(key: Key, sums: Sequence[Any], users: list[str], faults: int) -> SessionSums:
    account, application, session_id = key
    first, last, count, prompt, completion, cost, latency = sums
    return SessionSums(
        session_id=session_id,
        account=account,
        application=application,
        user_ids=users,
        created=first,
        last=last,
        requests=count,
        prompt_tokens=int(prompt),
        completion_tokens=int(completion),
        cost_usd=float(cost),
        latency_ms=float(latency),
        faults=faults,
    )


def _told(connection: Connection, rows: Sequence[Row[Any]], limit: int) -> list[SessionTurn]:
    records = [record_of(row) for row in rows]
    ids = [record.id for record in records[:limit]]
    found = connection.execute(select(evaluations).where(evaluations.c.request_id.in_(ids)))
    judged = {row.request_id: row for row in found}
    said = {row.id: row for row in connection.execute(select(turns).where(turns.c.id.in_(ids)))}
    faults: dict[str, list[str]] = {}
    wanted = select(verdicts.c.request_id, verdicts.c.sentinel).where(
        verdicts.c.request_id.in_(ids), verdicts.c.status == "FAULT"
    )
    for id, sentinel in connection.execute(wanted.order_by(verdicts.c.place)):
        faults.setdefault(id, []).append(sentinel)
    thought: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(
        select(feedback).where(feedback.c.request_id.in_(ids)).order_by(feedback.c.created, feedback.c.id)
    ):
        thought.setdefault(row.request_id, []).append(
            {"id": row.id, "created": row.created, "score": row.score, "weight": row.weight, "text": row.text}
        )
    return [
        SessionTurn(
            record=_with_content(record, said.get(record.id)),
            evaluation=_judged(judged.get(record.id), faults.get(record.id, [])),
            feedback=thought.get(record.id, []),
        )
        for record in records
    ]


def _with_content(record: Record, turn: Row[Any] | None) -> Record:
    """An assistant's turn keeps what was said where the ledger does not."""
    if turn is None or record.messages is not None:
        return record
    return msgspec.structs.replace(record, messages=b"[" + turn.question + b"]", answer=turn.answer)


def _judged(row: Row[Any] | None, faults: list[str]) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "status": row.status,
        "delivered": row.delivered,
        "correction_applied": row.correction_applied,
        "ms": row.ms,
        "faults": faults,
    }

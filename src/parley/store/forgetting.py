"""Removes what was said, by a person or in a session: all of it in one transaction.

The ledger's rows stay, since accounts are made up from them, without a word of content and without the name.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, delete, select, union, update

from parley.core.names import fit
from parley.store.revisions import CACHE, MEMORY, raise_revision
from parley.store.tables import (
    cached_answers,
    evaluations,
    feedback,
    jobs,
    memories,
    requests,
    session_leases,
    session_summaries,
    turns,
    verdicts,
)

PIECE = 500
"""Ids in one statement."""
OWED = ("evaluation", "memory")
"""Kinds of jobs whose payload quotes the request that they are named after."""
AGAIN = ("", *(f"+{n}" for n in range(1, 7)))
"""What their ids end in where they were put off."""
BLANK = {"messages": None, "answer": None, "metadata": None, "user_id": None, "reference_id": None}

Removed = Mapping[str, int]


def accounts_of_user(connection: Connection, application: str, user_id: str) -> list[str]:
    """The accounts of which something is kept of such a user."""
    there = union(
        select(requests.c.account).where(requests.c.application == application, requests.c.user_id == user_id),
        *(
            select(table.c.account).where(table.c.application == fit(application), table.c.user_id == fit(user_id))
            for table in (memories, turns)
        ),
    )
    return [account for (account,) in connection.execute(there)]


def accounts_of_session(connection: Connection, application: str, session_id: str) -> list[str]:
    """The accounts that have a session of this id."""
    there = union(
        select(requests.c.account).where(requests.c.session_id == session_id, requests.c.application == application),
        select(turns.c.account).where(turns.c.application == fit(application), turns.c.session_id == fit(session_id)),
    )
    return [account for (account,) in connection.execute(there)]


def forget_user(connection: Connection, account: str, application: str, user_id: str, lane: str) -> Removed:
    """Removes what a person said and what it came to; how much of what that was."""
    said = (
        requests.c.account == account,
        requests.c.application == application,
        requests.c.user_id == user_id,
    )
    found = connection.execute(select(requests.c.id, requests.c.session_id).where(*said)).all()
    sessions = sorted({fit(session) for _, session in found})
    removed = _requests(connection, [id for id, _ in found], BLANK)
    removed["jobs"] += _gone(connection, jobs, jobs.c.lane == lane)
    for what, table in (("memories", memories), ("turns", turns)):
        removed[what] = _gone(connection, table, *_of(table, account, application, user_id=user_id))
    removed["summaries"] = sum(
        _gone(connection, session_summaries, *_of(session_summaries, account, application), *some)
        for some in _some(session_summaries.c.session_id, sessions)
    )
    removed["cached_answers"] += _gone(
        connection,
        cached_answers,
        cached_answers.c.account == account,
        cached_answers.c.application == application,
        cached_answers.c.user_id == user_id,
    )
    _announce(connection)
    return removed


def forget_session(connection: Connection, account: str, application: str, session_id: str) -> Removed:
    """Removes what was said in a session; how much of what that was. What was learnt of its user stays."""
    said = (
        requests.c.account == account,
        requests.c.application == application,
        requests.c.session_id == session_id,
    )
    found = connection.execute(select(requests.c.id).where(*said)).scalars().all()
    removed = _requests(connection, found, {**BLANK, "session_id": ""})
    removed["feedback"] += _gone(
        connection,
        feedback,
        feedback.c.account == account,
        feedback.c.application == application,
        feedback.c.session_id == session_id,
    )
    for what, table in (("turns", turns), ("summaries", session_summaries), ("leases", session_leases)):
        removed[what] = _gone(connection, table, *_of(table, account, application, session_id=session_id))
    del removed["leases"]
    _announce(connection)
    return removed


def _announce(connection: Connection) -> None:
    """Tells the workers, who hold some of it in memory."""
    for name in (MEMORY, CACHE):
        raise_revision(connection, name)


def _requests(connection: Connection, ids: Sequence[str], blank: Mapping[str, str | None]) -> dict[str, int]:
    """Takes the content out of requests, and removes what was judged, thought and is owed of them."""
    removed = {"requests": 0, "evaluations": 0, "feedback": 0, "jobs": 0, "cached_answers": 0}
    for some in _pieces(ids):
        blanked = update(requests).where(requests.c.id.in_(some)).values(**blank)
        removed["requests"] += connection.execute(blanked).rowcount
        _gone(connection, verdicts, verdicts.c.request_id.in_(some))
        removed["evaluations"] += _gone(connection, evaluations, evaluations.c.request_id.in_(some))
        removed["feedback"] += _gone(connection, feedback, feedback.c.request_id.in_(some))
        removed["cached_answers"] += _gone(connection, cached_answers, cached_answers.c.id.in_(some))
        owed = [f"{kind}:{id}{again}" for kind in OWED for id in some for again in AGAIN]
        removed["jobs"] += sum(_gone(connection, jobs, jobs.c.id.in_(ids)) for ids in _pieces(owed))
    return removed


def _gone(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(*conditions)).rowcount


def _of(table: Table, account: str, application: str, **named: str) -> list[ColumnElement[bool]]:
    names = {"account": account, "application": application, **named}
    return [table.c[name] == fit(value) for name, value in names.items()]


def _some(column: ColumnElement[str], values: Sequence[str]) -> Iterator[tuple[ColumnElement[bool]]]:
    for some in _pieces(values):
        yield (column.in_(some),)


def _pieces(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]

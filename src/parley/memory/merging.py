"""Takes new facts in among those that are known: what is said again, better or otherwise replaces what it was about."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from parley.core.enclosures import MemoryRow
from parley.memory.facts import Fact, Relation, relation
from parley.memory.names import UserName
from parley.memory.words import attribute_words

CERTAIN = 0.99
"""The highest confidence: nothing is known for sure."""

ORDER = (Relation.RESTATES, Relation.REFINES, Relation.ENDS, Relation.CONTRADICTS)
"""Which of several facts a new one is about: the one that says the same, before one that says less, and so on."""

SameAttribute = Callable[[str, str], bool | None]


class Stated(Struct, frozen=True, kw_only=True):
    """Whose facts are taken in, when they were said, and in which request (None: an operator added them)."""

    user: UserName
    at: float
    source: str | None
    ids: str  # the beginning of the rows' ids: the same statement makes the same rows


def unknown(a: str, b: str) -> bool | None:
    """Nobody knows whether two attributes mean the same."""
    return None


def merge(
    facts: Sequence[Fact], known: Sequence[MemoryRow], stated: Stated, same: SameAttribute = unknown
) -> list[MemoryRow]:
    """The rows to add. `known` are the current rows, newest first; facts count in their order.

    A fact that was said before what is known now can confirm that, but not replace it.
    """
    current, added = list(known), list[MemoryRow]()
    for place, fact in enumerate(facts):
        rows = _taken_in(fact, current, stated, f"{stated.ids}:{place}", same)
        gone = {row.supersedes for row in rows}
        current = [*(row for row in rows if row.relation != Relation.ENDS), *(r for r in current if r.id not in gone)]
        added += rows
    return added


def _taken_in(
    fact: Fact, current: Sequence[MemoryRow], stated: Stated, id: str, same: SameAttribute
) -> list[MemoryRow]:
    """The row of one fact, and one more for each further row that it puts an end to."""
    found = [(relation_, row) for row in current if (relation_ := _to(fact, row, same)) is not None]
    if not found:
        return [] if fact.ended else [_row(fact, stated, id)]
    found.sort(key=lambda one: (ORDER.index(one[0]), -one[1].created))
    what, old = found[0]
    if stated.at < old.created and what is not Relation.RESTATES:
        return []
    rows = [_successor(fact, what, old, stated, id)]
    for number, (also, row) in enumerate(found[1:], 1):
        if stated.at >= row.created and (also is not Relation.RESTATES or what is Relation.RESTATES):
            # it is gone too: kept beside the new one it would be a duplicate, or deny it
            rows.append(_row(fact, stated, f"{id}+{number}", Relation.ENDS, row.id))
    return rows


def _to(fact: Fact, row: MemoryRow, same: SameAttribute) -> Relation | None:
    attributes = fact.attribute and row.attribute and attribute_words(fact.attribute) != attribute_words(row.attribute)
    return relation(fact, fact_of(row), same_attribute=same(fact.attribute, row.attribute) if attributes else None)


def _successor(fact: Fact, what: Relation, old: MemoryRow, stated: Stated, id: str) -> MemoryRow:
    if what is not Relation.RESTATES:
        return _row(fact, stated, id, what, old.id)
    surer = min(1 - (1 - old.confidence) * (1 - fact.confidence), CERTAIN)
    at = max(stated.at, old.created)
    return structs.replace(
        old, id=id, created=at, source=stated.source, relation=what, supersedes=old.id, confidence=surer
    )


def _row(
    fact: Fact, stated: Stated, id: str, what: Relation = Relation.NEW, supersedes: str | None = None
) -> MemoryRow:
    user = stated.user
    return MemoryRow(
        id=id,
        account=user.account,
        application=user.application,
        user_id=user.user_id,
        created=stated.at,
        kind=fact.kind,
        attribute=fact.attribute,
        value=fact.value,
        text=fact.text,
        confidence=fact.confidence,
        exclusive=fact.one_at_a_time,
        source=stated.source,
        relation=what.value,
        supersedes=supersedes,
    )


def fact_of(row: MemoryRow) -> Fact:
    """What a row says."""
    return Fact(
        kind=row.kind,
        attribute=row.attribute,
        value=row.value,
        text=row.text,
        confidence=row.confidence,
        exclusive=row.exclusive,
    )

"""New facts among known ones: nothing twice, nothing that is denied, and nothing lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from parley.core.enclosures import MemoryRow
from parley.memory.facts import Fact, Relation, relation
from parley.memory.merging import Stated, fact_of, merge
from parley.memory.names import UserName

ANN = UserName("acme", "app", "ann")


class Known:
    """What is known of a person, told piece by piece."""

    def __init__(self) -> None:
        self.rows: list[MemoryRow] = []
        self.clock = 0.0

    def told(self, *facts: Fact, at: float | None = None) -> list[MemoryRow]:
        self.clock += 1
        stated = Stated(user=ANN, at=self.clock if at is None else at, source=f"r{self.clock}", ids=f"r{self.clock}")
        added = merge(facts, self.current, stated)
        self.rows += added
        return added

    @property
    def current(self) -> list[MemoryRow]:
        gone = {row.supersedes for row in self.rows}
        standing = [row for row in self.rows if row.id not in gone and row.relation != Relation.ENDS]
        return sorted(standing, key=lambda row: -row.created)

    @property
    def says(self) -> list[tuple[str, str]]:
        return sorted((row.attribute, row.value) for row in self.current)


def fact(attribute: str, value: str, **more: Any) -> Fact:
    return Fact(kind="other", attribute=attribute, value=value, text=f"The user's {attribute} is {value}.", **more)


def test_a_fact_that_is_said_again_is_surer_and_stays_one() -> None:
    known = Known()
    known.told(fact("home", "Berlin", confidence=0.8))
    (again,) = known.told(fact("home city", "Berlin", confidence=0.5))
    assert known.says == [("home", "Berlin")]
    assert (again.relation, again.supersedes, again.source) == ("restates", known.rows[0].id, "r2.0")
    assert round(again.confidence, 3) == 0.9


def test_a_vaguer_word_does_not_replace_a_better_one() -> None:
    known = Known()
    known.told(fact("home", "Berlin"))
    known.told(fact("home", "Berlin, Kreuzberg"))
    known.told(fact("home", "Berlin"))
    assert known.says == [("home", "Berlin, Kreuzberg")]


def test_what_was_said_earlier_does_not_replace_what_was_said_later() -> None:
    known = Known()
    known.told(fact("home", "Munich"), at=10.0)
    assert known.told(fact("home", "Berlin"), at=5.0) == []
    known.told(fact("home", "Munich"), at=6.0)
    assert (known.says, known.current[0].created) == ([("home", "Munich")], 10.0)


def test_facts_of_one_request_are_merged_among_each_other() -> None:
    known = Known()
    known.told(fact("home", "Berlin"), fact("city", "Berlin"), fact("hobby", "chess"), fact("hobbies", "climbing"))
    assert known.says == [("hobbies", "climbing"), ("hobby", "chess"), ("home", "Berlin")]


def test_what_ended_is_gone_and_nothing_is_known_of_what_never_was() -> None:
    known = Known()
    assert known.told(fact("pet", "cat", ended=True)) == []
    known.told(fact("pet", "dog named Rex"), fact("pet", "canary"))
    known.told(fact("pets", "dog", ended=True))
    assert known.says == [("pet", "canary")]


def test_a_contradiction_leaves_no_second_fact_that_it_denies() -> None:
    known = Known()
    known.told(fact("likes", "black olives"), fact("likes", "green olives"))
    known.told(fact("dislikes", "olives"))
    assert known.says == [("dislikes", "olives")]


def test_the_same_statement_makes_the_same_rows() -> None:
    facts = [fact("home", "Berlin"), fact("pet", "dog")]
    assert Known().told(*facts) == Known().told(*facts)


attributes = st.sampled_from(["home", "city", "job", "pet", "likes", "dislikes", "hobby", "favorite color", "diet"])
values = st.sampled_from(["Berlin", "Munich", "Berlin Mitte", "chess", "black tea", "tea", "not tea", "a dog", "dogs"])
facts = st.builds(fact, attributes, values, ended=st.booleans())


@given(st.lists(st.lists(facts, max_size=4), max_size=12))
def test_no_two_current_facts_say_the_same_or_deny_each_other(talks: list[list[Fact]]) -> None:
    known = Known()
    for talk in talks:
        known.told(*talk)
    current = known.current
    for place, a in enumerate(current):
        for b in current[place + 1 :]:
            assert relation(fact_of(a), fact_of(b)) is None, (a, b)
    assert len({row.id for row in known.rows}) == len(known.rows)
    superseded = [row.supersedes for row in known.rows if row.supersedes is not None]
    assert len(set(superseded)) == len(superseded)

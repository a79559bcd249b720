"""Which facts come first, and how they are told to a model."""

from msgspec import structs

from parley.core.enclosures import MemoryRow
from parley.core.tokens import text_tokens
from parley.memory.knowledge import CLOSING, Knowledge
from parley.memory.search import by_words, ranked, weight
from tests.memory.test_merging import Known, fact

NOW = 1_700_000_000.0
DAY = 86_400.0


def rows(*said: tuple[str, str], age: float = 0.0) -> list[MemoryRow]:
    known = Known()
    known.told(*(fact(attribute, value) for attribute, value in said))
    return [structs.replace(row, created=NOW - age) for row in known.rows]


KNOWN = rows(("home city", "Lyon"), ("allergy", "peanuts"), ("favorite color", "green"), ("pet", "a dog named Rex"))


def first(question: str, known: list[MemoryRow] = KNOWN, **more: object) -> str:
    return ranked(known, question, NOW, **more)[0].value  # type: ignore[arg-type]


def test_the_words_of_the_question_find_the_fact() -> None:
    assert first("Am I allergic to anything?") == "peanuts"
    assert first("In which town do I live?") == "Lyon"
    assert first("What is my favourite colour?") == "green"
    assert first("How old is Rex?") == "a dog named Rex"
    assert by_words(KNOWN, "Good morning!") == []


def test_every_fact_is_ranked_even_if_nothing_speaks_for_it() -> None:
    assert sorted(row.id for row in ranked(KNOWN, "zzz", NOW)) == sorted(row.id for row in KNOWN)


def test_vectors_find_what_words_do_not() -> None:
    assert first("Suggest a snack", near={1: 0.6, 0: 0.1}) == "peanuts"


def test_new_and_sure_facts_weigh_more() -> None:
    (old,) = rows(("home", "Rome"), age=720 * DAY)
    (new,) = rows(("home", "Oslo"))
    assert weight(new, NOW) > weight(old, NOW)
    assert weight(structs.replace(new, confidence=0.5), NOW) < weight(new, NOW)
    assert first("zzz", [old, new]) == "Oslo"


class Nothing:
    """A store that is never asked."""


def test_what_is_told_fits_the_budget() -> None:
    many = rows(*((f"thing {n}", f"value{n}") for n in range(200)))
    for budget in (1, 100, 200, 1000):
        knowledge = Knowledge(Nothing(), None, learns=True, budget=budget)  # type: ignore[arg-type]
        told = knowledge.told(many)
        assert told is None or (text_tokens(told) <= budget and told.endswith(CLOSING))
    assert told is not None and told.count("\n- ") > 10

"""What a newer fact is to an older one."""

import pytest

from parley.memory.facts import Fact, Relation, relation

R = Relation


def fact(attribute: str, value: str, text: str = "", **more: object) -> Fact:
    return Fact(kind="other", attribute=attribute, value=value, text=text or f"{attribute}: {value}", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (("favourite colour", "green"), ("favorite color", "Green"), R.RESTATES),
        (("favourite colour", "green"), ("preferred colour", "blue"), R.CONTRADICTS),
        (("home city", "Berlin"), ("lives in", "Munich"), R.CONTRADICTS),
        (("home", "Berlin"), ("residence", "Berlin, Kreuzberg"), R.REFINES),
        (("home", "Berlin, Kreuzberg"), ("city", "Berlin"), R.RESTATES),
        (("home", "Berlin"), ("birth place", "Munich"), None),
        (("age", "30"), ("age", "31"), R.CONTRADICTS),
        (("wife's name", "Anna"), ("name of wife", "Anna"), R.RESTATES),
        (("wife's name", "Anna"), ("name", "Otto"), None),
        (("name", "Carlos"), ("name", "Carlo"), R.CONTRADICTS),
        (("hobby", "chess"), ("hobbies", "climbing"), None),
        (("hobby", "chess"), ("hobbies", "Chess"), R.RESTATES),
        (("allergy", "peanuts"), ("allergies", "peanut"), R.RESTATES),
        (("allergy", "peanuts"), ("allergy", "not peanuts"), R.CONTRADICTS),
        (("likes", "olives"), ("dislikes", "olives"), R.CONTRADICTS),
        (("likes", "olives"), ("hates", "coriander"), None),
        (("likes", "olives"), ("loves", "black olives"), R.REFINES),
        (("occupation", "nurse"), ("profession", "teacher"), R.CONTRADICTS),
        (("job", "nurse"), ("employer", "City Hospital"), None),
        (("diet", "vegetarian"), ("eating habits", "vegetarian"), R.RESTATES),
        (("diet", "vegetarian"), ("diet", "no longer vegetarian"), R.CONTRADICTS),
        (("phone", "555 0100"), ("phone number", "555 0199"), R.CONTRADICTS),
    ],
)
def test_attributes_and_values_decide(old: tuple[str, str], new: tuple[str, str], what: Relation | None) -> None:
    assert relation(fact(*new), fact(*old)) == what


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("The user lives in Berlin.", "I live in Berlin", R.RESTATES),
        ("Has a dog", "Has a dog named Rex", R.REFINES),
        ("Has a dog named Rex", "Has a dog", R.RESTATES),
        ("Has 2 dogs", "Has 3 dogs", None),
        ("Smokes cigars", "Doesn't smoke cigars", R.CONTRADICTS),
        ("Eats meat", "Doesn't eat meat", R.CONTRADICTS),
        ("Plays the piano", "Speaks Welsh", None),
    ],
)
def test_of_free_statements_the_words_decide(old: str, new: str, what: Relation | None) -> None:
    assert relation(fact("", new, new), fact("", old, old)) == what


def test_a_fact_that_ended_ends_what_it_is_about() -> None:
    assert relation(fact("pet", "dog", ended=True), fact("pets", "dog named Rex")) == R.ENDS
    assert relation(fact("pet", "cat", ended=True), fact("pets", "dog named Rex")) is None
    assert relation(fact("employer", "none", ended=True), fact("employer", "Acme")) == R.ENDS


def test_the_model_says_whether_an_unknown_attribute_has_one_value() -> None:
    assert relation(fact("shoe size", "43"), fact("shoe size", "42")) == R.CONTRADICTS
    several = {"exclusive": False}
    assert relation(fact("tools", "saw", **several), fact("tools", "hammer", **several)) is None
    assert relation(fact("hobby", "chess", exclusive=True), fact("hobby", "climbing", exclusive=True)) is None


def test_vectors_may_say_that_two_attributes_are_one() -> None:
    assert relation(fact("shoe size", "43"), fact("foot length", "42"), same_attribute=True) == R.CONTRADICTS

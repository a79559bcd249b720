"""Plain statements, read by rule."""

import pytest

from parley.memory.statements import read_statement


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The user lives in Berlin.", ("home", "Berlin")),
        ("I live in Berlin, Kreuzberg", ("home", "Berlin, Kreuzberg")),
        ("Moved to Porto.", ("home", "Porto")),
        ("My favourite colour is green!", ("favourite colour", "green")),
        ("The user’s wife's name is Anna.", ("wife's name", "Anna")),
        ("User works as a nurse", ("job", "nurse")),
        ("I am working for Acme.", ("employer", "Acme")),
        ("I'm allergic to peanuts", ("allergy", "peanuts")),
        ("The user is 31 years old.", ("age", "31")),
        ("The user is vegetarian.", ("diet", "vegetarian")),
        ("I don't like olives", ("dislikes", "olives")),
        ("Likes jazz.", ("likes", "jazz")),
        ("Has a dog named Rex.", ("pet", "dog named Rex")),
        ("Prefers short answers", None),
        ("Her name is Anna.", None),
        ("She lives in Rome.", None),
        ("The user is working on a novel", None),
        ("", None),
    ],
)
def test_a_statement_gives_attribute_and_value(text: str, found: tuple[str, str] | None) -> None:
    assert read_statement(text) == found

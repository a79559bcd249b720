"""The query of a conversation is its last question, made to stand alone where it leans on earlier ones."""

import pytest

from parley.context.query import leans, query_of


def users(*turns: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [{"role": "system", "content": "Be kind."}]
    for turn in turns:
        found += [{"role": "user", "content": turn}, {"role": "assistant", "content": "An answer with other words."}]
    return found[:-1]


@pytest.mark.parametrize(
    "turn", ["Why?", "And in Germany?", "How long does it take?", "What about business customers?", "Is that free?"]
)
def test_turns_that_lean_on_others(turn: str) -> None:
    assert leans(turn)


@pytest.mark.parametrize(
    "turn", ["How do I connect Azure's deployments?", "Which port does the gateway listen on by default?"]
)
def test_turns_that_stand_alone(turn: str) -> None:
    assert not leans(turn)


def test_a_question_that_stands_alone_is_the_query() -> None:
    messages = users("How do I cancel my subscription?", "Which port does the gateway listen on by default?")
    assert query_of(messages) == "Which port does the gateway listen on by default?"


def test_a_pronoun_brings_the_words_that_it_stands_for() -> None:
    messages = users("How do I cancel my premium subscription?", "How long does it take?")
    assert query_of(messages) == "cancel premium subscription How long does it take?"


def test_a_chain_of_short_turns_goes_back_to_the_one_that_stands_alone() -> None:
    messages = users("I bought a washing machine with a warranty.", "Is it covered abroad?", "And in Norway?")
    query = query_of(messages)
    assert query.endswith("And in Norway?")
    assert {"washing", "machine", "warranty", "covered", "abroad"} <= set(query.split())


def test_parts_of_a_message_and_messages_without_text() -> None:
    parts = [{"type": "text", "text": "Which invoice is this?"}, {"type": "image_url", "image_url": {"url": "x"}}]
    assert "Which invoice is this?" in query_of([{"role": "user", "content": parts}])
    assert query_of([{"role": "user", "content": None}, {"role": "system", "content": "x"}]) == ""

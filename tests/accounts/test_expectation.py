"""How long answers are expected to be."""

from parley.accounts.expectation import MOST, UNSEEN, Expectation


def test_what_was_never_seen_is_expected_long() -> None:
    assert Expectation().of("a") == UNSEEN


def test_answers_of_one_length_are_soon_expected_so() -> None:
    expectation = Expectation()
    for _ in range(40):
        expectation.learn("a", 100)
    assert 100 <= expectation.of("a") < 101 and expectation.of("b") == UNSEEN


def test_answers_that_differ_are_expected_longer_than_nearly_all() -> None:
    expectation = Expectation()
    for n in range(200):
        expectation.learn("a", 500 if n % 5 == 0 else 50)
    assert expectation.of("a") > 500


def test_as_many_are_remembered_as_there_is_room() -> None:
    expectation = Expectation()
    for n in range(MOST + 5):
        expectation.learn(n, 7)
    assert expectation.of(0) == UNSEEN and expectation.of(MOST) != UNSEEN

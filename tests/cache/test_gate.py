"""The gate lets the same question through in many words, and refuses whatever may mean something else."""

import pytest

from bench.cache import PAIRS, read_pairs
from parley.cache.meaning.gate import differs

SAME = [
    ("How do I reset my password?", "how do i reset my password"),
    ("How do I reset my password?", "Hi, could you please tell me how to reset my password? Thanks!"),
    ("What is the height of Mount Everest?", "How tall is Mount Everest?"),
    ("Who painted Guernica?", "Who is the painter of Guernica?"),
    ("What is 15% of 80?", "What is 15 percent of 80?"),
    ("Is the shop open at 8 pm?", "Is the shop open at 20:00?"),
    ("What happened on July 4, 1776?", "What happened on 4 July 1776?"),
    ("What is the difference between cats and dogs?", "What is the difference between dogs and cats?"),
    ("In Python, how do I sort a list?", "How do I sort a list in Python?"),
    ("Why isn't my printer working?", "Why is my printer not working?"),
    ("Wo ist der Bahnhof?", "wo ist der Bahnhof"),
]
DIFFERENT = [
    ("Can Alice beat Bob at chess?", "Can Bob beat Alice at chess?", "order"),
    ("How to increase memory limit in docker", "How to decrease memory limit in docker", "words"),
    ("Is it safe to take aspirin with ibuprofen?", "Is it not safe to take aspirin without ibuprofen?", "negation"),
    ("Convert 10 miles to km", "Convert 20 miles to km", "words"),
    ("Flights from Berlin to Rome", "Flights from Rome to Berlin", "role"),
    ("Who is the king of Sweden?", "Who was the king of Sweden?", "time"),
    ("Do all birds fly?", "Do most birds fly?", "quantifiers"),
    ("Must I wear a suit?", "May I wear a suit?", "modality"),
    ("Where was he born?", "When was he born?", "kind"),
    ("What is my balance?", "What is your balance?", "whose"),
    ("Did he call her?", "Did she call him?", "order"),
    ("How big is the largest room?", "How big is the larger room?", "degree"),
    ("What does `git reset --soft` do?", "What does `git reset --hard` do?", "literals"),
    ("Should I buy or rent?", "Should I buy and rent?", "and, or"),
    ("Where is the train station?", "Wo ist der Bahnhof?", "language"),
    ("Was Rome sacked by the Goths?", "Did Rome sack the Goths?", "order"),
    ("List users who are active and not admins", "List users who are admins and not active", "negation"),
    ("How do I use a for loop?", "How do I use a while loop?", "words"),
    ("A book for children", "A book about children", "role"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_question_passes_both_ways(one: str, other: str) -> None:
    assert differs(one, other) is None
    assert differs(other, one) is None


@pytest.mark.parametrize(("one", "other", "why"), DIFFERENT)
def test_another_question_is_refused_with_a_reason(one: str, other: str, why: str) -> None:
    assert (differs(one, other) or "").startswith(why)
    assert differs(other, one) is not None


def test_no_tuning_pair_with_another_answer_passes() -> None:
    wrong = [
        pair
        for pair in read_pairs()
        if pair.half == "tuning" and not pair.same and differs(pair.one, pair.other) is None
    ]
    assert not wrong


def test_the_pairs_are_many_and_of_every_kind() -> None:
    pairs = read_pairs()
    assert len(pairs) >= 600
    assert len({pair.kind for pair in pairs}) == len(list(PAIRS.glob("*.tsv"))) == 10


@pytest.mark.parametrize("text", ["", "?", " ", "a", "the of", "😀", "\x00", "))((", "x" * 5000, "¿¡", "``", "'s"])
def test_odd_texts_are_only_the_same_as_themselves(text: str) -> None:
    assert differs(text, text) is None
    assert differs(text, "How do I reset my password?") is not None
    assert differs("How do I reset my password?", text) is not None
